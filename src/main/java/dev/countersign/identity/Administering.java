package dev.countersign.identity;

/// What became of an administrator's wish.
public sealed interface Administering {
    /// Done and recorded; `title` and `text` say it to the administrator.
    record Done(String title, String text) implements Administering {}

    /// Done, and here is the new password, to be shown once: nothing of it is kept but a hash.
    record NewPassword(String username, String password) implements Administering {
        @Override
        public String toString() {
            return "NewPassword[" + username + "]";
        }
    }

    /// Done, and here is the code by which `username` links an account at the provider, to be shown once.
    record LinkCode(String username, String code) implements Administering {
        @Override
        public String toString() {
            return "LinkCode[" + username + "]";
        }
    }

    /// Not done; `field` is the form's field that must change, `why` what to do instead.
    record Refused(String field, String why) implements Administering {}

    /// No such person, team or token in this tenant.
    record Unknown() implements Administering {}
}
