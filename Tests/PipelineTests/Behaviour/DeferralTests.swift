import Exchange
import Foundation
import Registry
import Spool
import Synchronization
import Testing
import Validation

@testable import Pipeline

/// What is ours and not the sender's: the set waits, is tried again, and is never refused for it.
final class DeferralTests {
    private var worlds: [World] = []

    deinit { for world in worlds { world.takeDown() } }

    private func world(
        _ destination: (any Destination)? = nil, fetcher: any StatusFetcher = ScriptedSource()
    ) throws -> World {
        let world = try World(.usual, destination: destination, fetcher: fetcher)
        worlds.append(world)
        return world
    }

    /// Sends one whole set and returns its ticket.
    private func send(_ cast: Cast, in world: World, sequence: String = "00001") async throws -> Ticket {
        let client = HomeClient(home: try world.spool.home(of: cast.sender, over: .sftp), mailbox: .incoming)
        let stem = "DMFA.\(cast.sender).\(Date().calendarDate.compact).\(sequence).R.1"
        let document = try Repository.document("dmfa.xml")
        try await client.put(Fixtures.name("FI.\(stem).1"), document)
        try await client.put(Fixtures.name("FS.\(stem).1"), cast[.acme].signer.sign(document))
        let trigger = try Fixtures.name("GO.\(stem)")
        try await client.put(trigger, [])
        let rows = try world.spool.ledger.sets(limit: 100, includingSettled: true, of: cast.sender)
        return try #require(rows.first { $0.sealed.name == trigger }).sealed.ticket
    }

    /// A new revocation list of the accepted authority in the place of the one before.
    private func putList(_ number: Int, of world: World, until end: Date) throws {
        let list = try CertificateMint.revocationList(
            .init(revoked: [], number: number, thisUpdate: Date() - 7200 + Double(number), nextUpdate: end),
            issuer: world.authorities.accepted)
        let old = try world.registry.revocationLists()
        for list in old { try world.registry.removeRevocationList(list.fingerprint) }
        try world.registry.addRevocationList(list)
    }

    private func row(
        _ ticket: Ticket, in world: World, when condition: (SetRow) -> Bool
    ) async throws -> SetRow {
        let found = try await eventually {
            try world.spool.ledger.set(ticket).flatMap { condition($0) ? $0 : nil }
        }
        return try #require(found)
    }

    @Test func `a destination that is not there delays the delivery and not the receipt`() async throws {
        let world = try world()
        let cast = try Cast(in: world)
        // A file where the directory is to be made.
        try Data().write(to: URL(fileURLWithPath: world.realDestination))
        let ticket = try await send(cast, in: world)
        let waiting = try await row(ticket, in: world) { $0.deferral != nil && $0.answer?.publishedAt != nil }
        #expect(waiting.state == .accepted)
        #expect(waiting.deferral?.reason == .destinationUnavailable)
        #expect(waiting.attempt >= 1 && waiting.codes.isEmpty)
        #expect(try world.spool.ledger.counts().isConserved)
        #expect(try world.spool.ledger.counts().waiting == 1)
        try FileManager.default.removeItem(atPath: world.realDestination)
        _ = try await row(ticket, in: world) { $0.state == .routed }
        #expect(FileManager.default.fileExists(atPath: "\(world.realDestination)/\(ticket)/manifest.json"))
    }

    @Test func `an error nobody foresaw is a deferral`() async throws {
        let world = try world()
        let cast = try Cast(in: world)
        // A list in the name of the accepted authority, signed by another key: no trust can be built with it.
        let namesake = CertificateMint.Issuer(
            certificate: world.authorities.accepted.certificate, key: world.authorities.foreign.key)
        let forged = try CertificateMint.revocationList(
            .init(revoked: [], number: 2, thisUpdate: Date() - 60, nextUpdate: Date() + 3600),
            issuer: namesake)
        try world.registry.addRevocationList(forged)
        let ticket = try await send(cast, in: world)
        let waiting = try await row(ticket, in: world) { $0.deferral != nil }
        #expect(waiting.state == .received && waiting.answer == nil)
        #expect(waiting.deferral?.reason == .unknown)
        try putList(3, of: world, until: Date() + 3600)
        let settled = try await row(ticket, in: world) { $0.state == .routed }
        #expect(settled.codes.isEmpty)
    }

    @Test func `a revocation list past its time delays the decision until a new one is there`() async throws {
        let world = try world()
        let cast = try Cast(in: world)
        try putList(2, of: world, until: Date() - 3600)
        let ticket = try await send(cast, in: world)
        let waiting = try await row(ticket, in: world) { $0.deferral != nil }
        #expect(waiting.state == .received && waiting.deferral?.reason == .revocationUnknown)
        try putList(3, of: world, until: Date() + 3600)
        _ = try await row(ticket, in: world) { $0.state == .routed }
    }

    @Test func `a set waits for what a responder says of its certificate, and is decided by that`()
        async throws
    {
        let source = ScriptedSource()
        let world = try world(fetcher: source)
        let cast = try Cast(in: world)
        let responder = try Responder(world.authorities.accepted)
        let authority = world.authorities.accepted.certificate.fingerprint
        let status = try #require(StatusSource(.responder, url: "http://127.0.0.1:1/", ageLimit: 86_400))
        try world.registry.setSource(status, of: authority)
        let first = try await send(cast, in: world)
        let waiting = try await row(first, in: world) { $0.deferral != nil }
        #expect(waiting.state == .received && waiting.deferral?.reason == .revocationUnknown)
        #expect(waiting.answer == nil && waiting.codes.isEmpty)
        responder.set(cast[.acme].certificate)
        source.become { request in try responder.answer(to: request ?? []) }
        _ = try await row(first, in: world) { $0.state == .routed }
        // News: the same certificate is revoked. The next set is refused, though the last one was good a moment ago.
        responder.set(cast[.acme].certificate, revokedAt: Date() - 60)
        try world.registry.setSource(status, of: authority)
        _ = try await eventually {
            try world.registry.status(of: cast[.acme].certificate.fingerprint, serial: "", by: authority)?
                .revokedAt
        }
        let second = try await send(cast, in: world, sequence: "00002")
        let refused = try await row(second, in: world) { $0.answer?.publishedAt != nil }
        #expect(refused.codes == [.signatureInvalid])
    }

    @Test func `held bytes that change are put on hold for an operator, not refused`() async throws {
        let destination = HeldUp()
        let world = try world(destination)
        let cast = try Cast(in: world)
        // While the first decision waits for its trust, the bytes of the set are changed on the disk.
        try putList(2, of: world, until: Date() - 3600)
        let ticket = try await send(cast, in: world)
        let waiting = try await row(ticket, in: world) { $0.deferral != nil }
        let other = try Repository.document("dmfa-other.xml")
        for part in waiting.sealed.parts {
            let bytes = part.name.escaped.hasPrefix("FI.") ? other : try cast[.acme].signer.sign(other)
            try Data(bytes).write(to: URL(fileURLWithPath: world.spool.path(of: part, in: ticket)))
        }
        try putList(3, of: world, until: Date() + 3600)
        let held = try await row(ticket, in: world) { $0.state == .held }
        #expect(held.deferral?.reason == .bytesChanged && held.answer == nil)
        #expect(try world.spool.ledger.counts().held == 1)
        #expect(destination.delivered.isEmpty)
    }

    /// The signature is then wrong, and the sender did nothing wrong.
    @Test(arguments: ["FI.", "FS."])
    func `one bit that changes in held bytes puts their set on hold, it does not refuse it`(prefix: String)
        async throws
    {
        let world = try world(HeldUp())
        let cast = try Cast(in: world)
        try putList(2, of: world, until: Date() - 3600)
        let ticket = try await send(cast, in: world)
        let waiting = try await row(ticket, in: world) { $0.deferral != nil }
        let part = try #require(waiting.sealed.parts.first { $0.name.escaped.hasPrefix(prefix) })
        let place = URL(fileURLWithPath: world.spool.path(of: part, in: ticket))
        var bytes = try Data(contentsOf: place)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: place)
        try putList(3, of: world, until: Date() + 3600)
        let held = try await row(ticket, in: world) { $0.state == .held || $0.answer != nil }
        #expect(held.deferral?.reason == .bytesChanged && held.answer == nil)
    }

    @Test func `a sender's sets are delivered in the order they came, and wait behind one that is late`()
        async throws
    {
        let destination = HeldUp(most: 1)
        let world = try world(destination)
        let cast = try Cast(in: world)
        var tickets: [Ticket] = []
        for index in 1...6 {
            tickets.append(try await send(cast, in: world, sequence: String(index).leftPadded(to: 5)))
        }
        _ = try await row(tickets[1], in: world) { $0.deferral != nil }
        for ticket in tickets { _ = try await row(ticket, in: world) { $0.answer?.publishedAt != nil } }
        #expect(destination.delivered == [tickets[0]])
        #expect(try tickets.dropFirst(2).allSatisfy { try world.spool.ledger.set($0)?.deferral == nil })
        destination.take(most: .max)
        for ticket in tickets { _ = try await row(ticket, in: world) { $0.state == .routed } }
        #expect(destination.delivered == tickets)
    }

    @Test func `the sets of one sender do not wait for those of another`() async throws {
        let destination = HeldUp(most: 1)
        let world = try world(destination)
        let (first, second) = (try Cast(in: world), try Cast(in: world))
        destination.refuse(first.sender)
        let late = try await send(first, in: world)
        _ = try await row(late, in: world) { $0.deferral != nil }
        let other = try await send(second, in: world)
        _ = try await row(other, in: world) { $0.state == .routed }
        #expect(destination.delivered == [other])
    }
}

/// A destination in memory that takes only so much.
final class HeldUp: Destination {
    private struct State {
        var most: Int
        var delivered: [Ticket] = []
        var refused: SenderNumber?
    }

    private let state: Mutex<State>

    init(most: Int = .max) { state = Mutex(State(most: most)) }

    /// In the order of delivery; a ticket delivered twice stands in it twice.
    var delivered: [Ticket] { state.withLock { $0.delivered } }

    func take(most: Int) { state.withLock { $0.most = most } }

    func refuse(_ sender: SenderNumber) { state.withLock { $0.refused = sender } }

    func deliver(_ delivery: Delivery) throws(Deferral) {
        let isTaken = state.withLock { state in
            let isOfRefused = delivery.files.contains { file in
                state.refused.map { file.name.escaped.contains(".\($0).") } ?? false
            }
            guard state.delivered.count < state.most, !isOfRefused else { return false }
            state.delivered.append(delivery.ticket)
            return true
        }
        if !isTaken { throw Deferral(.destinationUnavailable, "The back-end takes no more.") }
    }

    func confirm(_ tickets: [Ticket]) {}
}
