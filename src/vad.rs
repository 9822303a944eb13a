//! Where somebody speaks.
