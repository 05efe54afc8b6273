-- A failed sign-in was kept in the session with the password as it was typed. It no longer is; what is there goes.
delete from spring_session_attributes where attribute_name = 'SPRING_SECURITY_LAST_EXCEPTION';
