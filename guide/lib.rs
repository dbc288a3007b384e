//! Compiles every code block of the guide as a test.
