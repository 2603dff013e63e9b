import Foundation

/// Bytes over TLS as no proper client sends them, by a script of Python's standard library.
enum RawClient {
    /// Runs a script that has `connect(*protocols)`, `answer(socket)` (everything until the end) and `arguments`.
    static func run(_ script: String, at service: TestService, _ arguments: [String] = []) async throws
        -> String
    {
        let run = try await Program.run(
            "python3", ["-c", beginning + script, "\(service.port)", service.key.certificateFile] + arguments)
        guard run.status == 0 else { throw Program.Fault(description: "python3: \(run.errors)\(run.text)") }
        return run.text
    }

    /// Sends bytes and returns everything that is answered until the service closes the connection.
    static func exchange(_ request: String, at service: TestService) async throws -> String {
        try await run(
            """
            peer = connect("http/1.1")
            peer.sendall(arguments[0].encode("latin-1").decode("unicode_escape").encode("latin-1"))
            sys.stdout.write(answer(peer))
            """, at: service, [request])
    }

    private static let beginning = """
        import socket, ssl, sys, time
        port, trusted, arguments = int(sys.argv[1]), sys.argv[2], sys.argv[3:]

        def connect(*protocols):
            context = ssl.create_default_context(cafile=trusted)
            context.set_alpn_protocols(list(protocols))
            plain = socket.create_connection(("127.0.0.1", port), 90)
            return context.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=True)

        def answer(peer):
            answered = b""
            try:
                while True:
                    more = peer.recv(65536)
                    if not more: break
                    answered += more
            except (ssl.SSLError, ConnectionError):
                pass
            return answered.decode("latin-1")

        """
}
