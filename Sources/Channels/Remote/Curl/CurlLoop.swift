internal import CLibCurl
internal import Glibc

/// Owner of one multi handle, for the transfers of one easy handle, one after the other, and of the connections that
/// stay between them.
///
/// `curl_easy_perform` would do, were it not for one thing: libcurl 7.88 goes to sleep for a second when an FTP server
/// answers EPSV before libcurl has looked away from the socket, as servers near by do. Here a sleep is short when
/// something has just happened.
final class CurlLoop {
    private static let shortestSleep: Int32 = 1
    private static let longestSleep: Int32 = 250

    private let handle: UnsafeMutableRawPointer
    /// The socket of the connection that stays; valid until the next transfer.
    private var socket = CURL_SOCKET_BAD

    /// Nil when there is no memory.
    init?() {
        guard let handle = curl_multi_init() else { return nil }
        self.handle = handle
    }

    /// The easy handle must have gone before.
    deinit { curl_multi_cleanup(handle) }

    /// Runs the transfer of `easy` to its end.
    func perform(_ easy: UnsafeMutableRawPointer) -> CURLcode {
        guard curl_multi_add_handle(handle, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
        defer { curl_multi_remove_handle(handle, easy) }
        var sleep = CurlLoop.shortestSleep
        var running: Int32 = 1
        while true {
            guard curl_multi_perform(handle, &running) == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
            if running == 0 { break }
            var ready: Int32 = 0
            guard curl_multi_poll(handle, nil, 0, sleep, &ready) == CURLM_OK else {
                return CURLE_OUT_OF_MEMORY
            }
            sleep = ready > 0 ? CurlLoop.shortestSleep : min(sleep * 2, CurlLoop.longestSleep)
        }
        socket = CURL_SOCKET_BAD
        _ = ecluse_curl_get_socket(easy, &socket)
        var left: Int32 = 0
        return curl_multi_info_read(handle, &left)?.pointee.data.result ?? CURLE_FAILED_INIT
    }

    /// No more is received over the connection that stays.
    func deafen() {
        if socket != CURL_SOCKET_BAD { shutdown(socket, Int32(SHUT_RD)) }
        socket = CURL_SOCKET_BAD
    }
}
