//! What the tests over real sockets share: a service with the routes of the testbed, a client that
//! sends any octets, and the reader of the case files of `conformance/http1`.

pub mod answer;
pub mod case_file;
pub mod client;
pub mod play;
pub mod testbed;
