import Exchange
import TestServers

/// Two senders who do whatever they can to each other, by a seed, and what would have come of it had each been alone.
///
/// What a sender does is fixed before any reply. So whoever changes, cancels or triggers something of the other's, or
/// learns anything of it, makes a difference between the sequence with both and the same without the other: in a reply,
/// or in what is left in a home and in the ledger.
struct Rivalry {
    static let length = 80

    let seed: UInt64
    let senders: [SenderNumber]

    init(seed: UInt64) {
        self.seed = seed
        let first = 10_000 + Int(seed % 400_000) * 2
        senders = [.number(first), .number(first + 1)]
    }

    func steps(answers: [String]) -> [HostileStep] {
        var chance = SeededGenerator(seed: seed)
        return HostileStep.sequence(Rivalry.length, by: senders, answers: answers, &chance)
    }

    /// What became of one sender.
    struct Account: Equatable {
        var replies: [[UInt8]] = []
        var state: [String] = []
    }

    /// Who of the two is there.
    enum Company: CaseIterable {
        case both, first, second

        func has(_ actor: Int) -> Bool { self == .both || (self == .first) == (actor == 0) }
    }

    /// Plays the steps of those who are there; their homes are furnished already. The states are still missing.
    func play(
        _ steps: [HostileStep], _ company: Company, connect: (SenderNumber) throws -> any HostileConnection
    ) throws -> [Account] {
        let sessions = try senders.map(connect)
        var accounts = [Account(), Account()]
        for step in steps where company.has(step.actor) {
            accounts[step.actor].replies.append(try sessions[step.actor].take(step))
        }
        sessions.forEach { $0.end() }
        return accounts
    }

    /// Nil when each had the same beside the other as alone, and saw no canary; otherwise what is not so.
    func difference(_ accounts: [Company: [Account]], _ steps: [HostileStep]) -> String? {
        for actor in 0...1 {
            guard let beside = accounts[.both]?[actor],
                let alone = accounts[actor == 0 ? .first : .second]?[actor]
            else { return "not played" }
            let own = steps.filter { $0.actor == actor }
            for (number, (here, there)) in zip(beside.replies, alone.replies).enumerated() {
                let text = String(decoding: here, as: UTF8.self)
                if here != there {
                    return "\(own[number]) is answered \(text.debugDescription) beside the other, alone "
                        + String(decoding: there, as: UTF8.self).debugDescription
                }
                if text.contains(SharedSpool.canary(of: senders[1 - actor])) {
                    return "\(own[number]) shows what is the other's: \(text.debugDescription)"
                }
            }
            if beside.state != alone.state {
                let changes = beside.state.difference(from: alone.state)
                return "of \(senders[actor]) is left, other than alone: \(changes)"
            }
        }
        return nil
    }
}
