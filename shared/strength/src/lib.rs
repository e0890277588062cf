//! Whether a new password is good enough.
