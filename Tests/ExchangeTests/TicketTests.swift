import Exchange
import Testing

@Suite struct TicketTests {
    @Test(arguments: [
        "03800000001XZ", "03400000001DZ", "0380AB12CD3HZ", "0340AB12CD4XZ", "03804UDVFMW3Z", "0340822PQ9CMZ",
    ])
    func `a public ticket has the right check character`(_ text: String) {
        #expect(Ticket(text)?.description == text)
    }

    @Test func `a counter is written in base 34 with its check character`() {
        #expect(Ticket(.set, counter: 1).description == "03800000001XZ")
        #expect(Ticket(.form, counter: 1).description == "03400000001DZ")
    }

    @Test(arguments: ["03800000001XY", "03800000001AZ", "0380000000IXZ", "", "03800000001X"])
    func `a ticket with a wrong character is none`(_ text: String) {
        #expect(Ticket(text) == nil)
    }
}
