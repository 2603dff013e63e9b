import Exchange
import Testing

@Suite struct MailboxTests {
    @Test(arguments: [
        ("IN", "OUT", ExchangeEnvironment.real), ("INTEST", "OUTTEST", .test),
        ("INTEST-S", "OUTTEST-S", .simulation),
    ])
    func `each way in has its way out, of the same environment`(
        _ incoming: String, _ outgoing: String, _ environment: ExchangeEnvironment
    ) throws {
        let (way, back) = (
            try #require(Mailbox(rawValue: incoming)), try #require(Mailbox(rawValue: outgoing))
        )
        #expect(way.answers == back)
        #expect(back.answers == back)
        #expect(way.takesUploads)
        #expect(!back.takesUploads)
        #expect(way.environment == environment)
        #expect(back.environment == environment)
    }

    @Test func `there are six and no more`() {
        #expect(Mailbox.allCases.count == 6)
        #expect(Mailbox(rawValue: "in") == nil)
    }

    @Test(arguments: [(ChannelKind.ftp, 0), (.web, 13), (.sftp, 14), (.folder, 9)])
    func `a channel has its code of zone 00737`(_ kind: ChannelKind, _ code: Int) {
        #expect(kind.code == code)
    }
}
