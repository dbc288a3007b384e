//! What the tests over real sockets share: a service with the routes of the testbed, a client that
//! sends any octets, and the reader of the case files of `conformance/http1`.

pub(crate) mod answer;
pub(crate) mod case_file;
pub(crate) mod client;
pub(crate) mod local;
pub(crate) mod play;
pub(crate) mod testbed;
