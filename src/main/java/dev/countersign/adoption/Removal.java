package dev.countersign.adoption;

/// The removal of an adopted object in the hands of one replica: claimed until the lease ends. Only the holder of the newest
/// `fence` may record what became of it. `begun`: it is on the record already that the object is being removed.
record Removal(Adoption adoption, long fence, int attempts, boolean begun) {}
