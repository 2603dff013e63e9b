import Testing

@testable import Channels

@Suite struct SFTPCorrespondenceTests {
    /// One that has been greeted, and has asked three things with the ids 1, 2 and 3.
    private static func asked() throws -> SFTPCorrespondence {
        var correspondence = SFTPCorrespondence()
        try correspondence.receive(reply { $0.version(extensions: ["fsync@openssh.com"]) })
        for id in 1...3 { #expect(correspondence.ask(.status(path: [0x61])) == UInt32(id)) }
        return correspondence
    }

    @Test func `replies find their requests in any order`() throws {
        var correspondence = try Self.asked()
        try correspondence.receive(status(3, 2) + status(1, 3))
        #expect(correspondence.unanswered == 1)
        #expect(correspondence.take(2) == nil)
        #expect(correspondence.take(1) == .status(SFTPStatus(code: 3, words: [])))
        #expect(correspondence.take(1) == nil)
        #expect(correspondence.take(3) == .status(SFTPStatus(code: 2, words: [])))
    }

    @Test func `a reply may come byte by byte`() throws {
        var correspondence = try Self.asked()
        for byte in status(2, 4, "no") { try correspondence.receive([byte]) }
        #expect(correspondence.take(2) == .status(SFTPStatus(code: 4, words: Array("no".utf8))))
    }

    @Test func `a reply nobody will read is dropped, before it comes or after`() throws {
        var correspondence = try Self.asked()
        correspondence.dismiss(1)
        try correspondence.receive(status(1, 0) + status(2, 0))
        correspondence.dismiss(2)
        #expect(correspondence.take(1) == nil)
        #expect(correspondence.take(2) == nil)
        #expect(correspondence.unanswered == 1)
    }

    @Test(
        arguments: [
            (status(9, 0), "a reply to what was not asked"),
            (status(2, 0) + status(2, 0), "a reply to what was not asked"),
            ([0xFF, 0xFF, 0xFF, 0xFF], "a packet of 4294967295 bytes"),
            ([0, 0, 0, 0], "a packet of 0 bytes"),
            ([0, 0, 0, 5, 99, 0, 0, 0, 1], "a packet that is no reply of the protocol"),
            ([0, 0, 0, 5, 2, 0, 0, 0, 3], "a packet that is no reply of the protocol"),
        ] as [([UInt8], String)])
    func `what was not asked for is garbled`(_ bytes: [UInt8], _ reason: String) throws {
        var correspondence = try Self.asked()
        #expect(throws: SFTPCorrespondence.Garbled(reason)) { try correspondence.receive(bytes) }
    }

    @Test(
        arguments: [
            (status(1, 0), "a packet before the greeting"),
            (Array("This account is not available.\n".utf8), "a packet of 1416128883 bytes"),
            ([0, 0, 0, 5, 2, 0, 0, 0, 2], "version 2 of the protocol, where 3 was asked for"),
            ([0, 0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 1], "a packet before the greeting"),
        ] as [([UInt8], String)])
    func `only a greeting of version 3 begins it`(_ bytes: [UInt8], _ reason: String) {
        var correspondence = SFTPCorrespondence()
        #expect(throws: SFTPCorrespondence.Garbled(reason)) { try correspondence.receive(bytes) }
    }
}

extension SFTPCorrespondence {
    fileprivate mutating func receive(_ bytes: [UInt8]) throws(Garbled) {
        var fault: Garbled?
        bytes.withUnsafeBytes { buffer in
            do throws(Garbled) { try receive(buffer) } catch { fault = error }
        }
        if let fault { throw fault }
    }
}
