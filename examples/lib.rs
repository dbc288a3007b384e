//! The programs of this folder are examples; the library part is empty.
