//! The chapter for users of asyncio leaves no name of PEP 3156 out.

use std::fs;
use std::path::Path;

/// What the PEP names: in the sections on event loops, futures, transports, protocols and tasks.
const NAMES: &str = "
    get_event_loop set_event_loop new_event_loop get_event_loop_policy set_event_loop_policy
    get_child_watcher set_child_watcher run_forever run_until_complete stop is_running close
    call_soon call_later call_at time call_soon_threadsafe run_in_executor set_default_executor
    getaddrinfo getnameinfo create_connection create_server create_datagram_endpoint
    create_unix_connection create_unix_server sock_recv sock_sendall sock_connect sock_accept
    add_reader remove_reader add_writer remove_writer connect_read_pipe connect_write_pipe
    subprocess_shell subprocess_exec add_signal_handler remove_signal_handler
    set_exception_handler default_exception_handler call_exception_handler set_debug get_debug
    Handle.cancel Future.cancel cancelled done Future.result exception add_done_callback
    remove_done_callback set_result set_exception async wrap_future
    get_extra_info write writelines write_eof can_write_eof abort pause_reading resume_reading
    set_write_buffer_limits get_write_buffer_size sendto
    get_pid get_returncode get_pipe_transport send_signal terminate kill
    connection_made data_received eof_received pause_writing resume_writing connection_lost
    datagram_received error_received pipe_data_received pipe_connection_lost process_exited
    Task Task.cancel coroutine wait_for gather wait as_completed sleep shield
    FIRST_COMPLETED FIRST_EXCEPTION ALL_COMPLETED
    Event Condition Semaphore BoundedSemaphore asyncio.Lock Queue PriorityQueue LifoQueue
    JoinableQueue put get put_nowait get_nowait task_done join
";

#[test]
fn every_name_of_pep_3156_has_a_line() {
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/asyncio.md");
    let chapter = fs::read_to_string(chapter).expect("the chapter is there");
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| "));
    // The first column, whose names stand between backticks.
    let named: Vec<_> = rows
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|column| column.split('`').skip(1).step_by(2))
        .collect();
    let missing: Vec<_> = NAMES
        .split_whitespace()
        .filter(|name| !named.contains(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}
