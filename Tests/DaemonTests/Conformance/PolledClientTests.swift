import Exchange
import Foundation
import Testing

/// Senders that use the polled servers with clients of their own: lftp, OpenSSH's `sftp`.
@Suite(.polling(Route.changes)) struct PolledClientTests {
    @Test(arguments: [Route.polledFTP, .polledFTPS, .polledSFTP])
    func `a sender breaks off, goes on, renames, and fetches its answer through the server`(route: Route)
        throws
    {
        let instance = try SharedInstance.running()
        let outside = try #require(instance.outside)
        let client = try route.client(instance)
        let number = client.sender.number
        let set = try client.sender.set()
        let place = try Scratch()
        for file in set.files { _ = try place.write(file.bytes, to: "up/" + file.name) }
        let (declaration, signature) = (set.declarations[0], set.signatures[0])
        let half = try place.write(declaration.bytes.prefix(declaration.bytes.count / 2), to: "half")

        try outside.client(
            route,
            [
                "cd \(number)/IN",
                route.isFTP ? "put \(half) -o \(declaration.name)" : "put \(half) \(declaration.name)",
            ])
        try outside.client(
            route,
            ["cd \(number)/IN", "lcd \(place.file("up"))"]
                + (route.isFTP
                    ? [
                        "put -c \(declaration.name)", "put \(signature.name) -o \(signature.name).filepart",
                        "mv \(signature.name).filepart \(signature.name)",
                    ]
                    : [
                        "reput \(declaration.name)", "put \(signature.name) \(signature.name).filepart",
                        "rename \(signature.name).filepart \(signature.name)",
                    ])
                + ["put \(set.trigger.name)"])

        let receipt = try client.receipt(for: set.trigger.name)
        #expect(receipt.isAccepted, "\(receipt.codes)")
        try outside.client(
            route,
            ["cd \(number)/OUT", "lcd \(place.path)", "get FO.\(receipt.stem)", "rm GO.\(receipt.stem)"])
        #expect(try bytes(of: place.file("FO.\(receipt.stem)")) == Array(receipt.document.utf8))
        #expect(try client.list(.outgoing).sorted() == ["FO.\(receipt.stem)", "FS.\(receipt.stem)"])
        #expect(try eventually { try client.list(.incoming).isEmpty })
    }
}

extension Route {
    fileprivate var isFTP: Bool { self != .polledSFTP }
}
