internal import CLibCurl

extension CURLcode {
    /// The kind of fault a transfer ended with. The codes of a refusal say little about it: those who know the
    /// protocol look at the server's answer too.
    var kind: RemoteFault.Kind {
        switch self {
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR, CURLE_PROXY, CURLE_QUIC_CONNECT_ERROR:
            .unreachable
        case CURLE_OPERATION_TIMEDOUT, CURLE_FTP_ACCEPT_TIMEOUT:
            .timedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED:
            .untrusted
        case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR, CURLE_SSL_CLIENTCERT:
            .notAdmitted
        case CURLE_REMOTE_FILE_NOT_FOUND:
            .noSuchFile
        case CURLE_REMOTE_FILE_EXISTS:
            .alreadyExists
        case CURLE_REMOTE_DISK_FULL, CURLE_FILESIZE_EXCEEDED:
            .tooMuch
        case CURLE_REMOTE_ACCESS_DENIED, CURLE_QUOTE_ERROR, CURLE_FTP_COULDNT_RETR_FILE, CURLE_UPLOAD_FAILED,
            CURLE_FTP_COULDNT_USE_REST, CURLE_FTP_COULDNT_SET_TYPE, CURLE_FTP_PORT_FAILED,
            CURLE_BAD_DOWNLOAD_RESUME, CURLE_RANGE_ERROR, CURLE_HTTP_RETURNED_ERROR,
            CURLE_TOO_MANY_REDIRECTS, CURLE_URL_MALFORMAT:
            .notAllowed
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
            CURLE_FTP_ACCEPT_FAILED, CURLE_SEND_FAIL_REWIND, CURLE_HTTP2_STREAM, CURLE_AGAIN,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_NO_CONNECTION_AVAILABLE:
            .brokenOff
        case CURLE_ABORTED_BY_CALLBACK, CURLE_WRITE_ERROR, CURLE_READ_ERROR, CURLE_OUT_OF_MEMORY,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN,
            CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_FAILED_INIT:
            .stopped
        default:
            .garbled
        }
    }

    var sentence: String { String(cString: curl_easy_strerror(self)) }
}
