import Exchange
import Testing

@testable import Pipeline

struct DestinationsTests {
    private struct Place: Destination {
        let name: String
        func deliver(_ delivery: Delivery) throws(Deferral) {}
        func confirm(_ tickets: [Ticket]) {}
    }

    private func destinations(_ names: String...) -> Destinations {
        Destinations(Dictionary(uniqueKeysWithValues: names.map { ($0, Place(name: $0) as any Destination) }))
    }

    private func place(_ name: String?, in destinations: Destinations) -> String? {
        name.flatMap { destinations.destination(named: $0) as? Place }?.name
    }

    @Test func `a real set always has a destination's name, whether there is one or not`() {
        #expect(destinations().name(for: "dmfa", in: .real) == "dmfa")
        #expect(destinations("*").name(for: "dmfa", in: .real) == "dmfa")
    }

    @Test func `a test set has one only where there is a test destination`() {
        #expect(destinations("*", "dmfa").name(for: "dmfa", in: .test) == nil)
        #expect(destinations("*", "dmfa:test").name(for: "dmfa", in: .test) == "dmfa:test")
        #expect(destinations("*", "dmfa:test").name(for: "dimona", in: .test) == nil)
        #expect(destinations("*", "*:test").name(for: "dimona", in: .test) == "dimona:test")
    }

    @Test func `a simulation is never delivered`() {
        #expect(destinations("*", "*:test", "dmfa").name(for: "dmfa", in: .simulation) == nil)
    }

    @Test func `the application's own destination goes before the one of all`() {
        let all = destinations("*", "*:test", "dmfa", "dmfa:test")
        #expect(place("dmfa", in: all) == "dmfa")
        #expect(place("dmfa:test", in: all) == "dmfa:test")
        #expect(place("dimona", in: all) == "*")
        #expect(place("dimona:test", in: all) == "*:test")
    }

    @Test func `a test set never goes to a real destination`() {
        #expect(place("dmfa:test", in: destinations("*", "dmfa")) == nil)
        #expect(place("dmfa", in: destinations("*:test", "dmfa:test")) == nil)
    }
}
