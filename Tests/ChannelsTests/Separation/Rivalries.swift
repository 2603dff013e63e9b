import Exchange

/// Plays rivalries, many to a spool.
struct Rivalries {
    /// Connects a sender to a spool.
    var connect: (SenderNumber, SharedSpool) throws -> any HostileConnection = {
        try HostileSession($0, at: $1)
    }

    /// The first seed of `seeds` that makes a difference, with its shortest sequence found; nil when there is none.
    func firstDifference(_ seeds: some Collection<UInt64>) throws -> String? {
        for (rivalry, steps, difference) in try play(seeds.map(Rivalry.init)) {
            guard difference != nil else { continue }
            let shortest = try shorten(steps, of: rivalry)
            let remaining = try play([rivalry], shortest).first?.difference
            let lines = shortest.map { "  \($0)" }.joined(separator: "\n")
            return "seed \(rivalry.seed): \(remaining ?? difference ?? "")\n\(lines)"
        }
        return nil
    }

    /// - Parameter given: the steps of every rivalry; its own by default.
    private func play(
        _ rivalries: [Rivalry], _ given: [HostileStep]? = nil
    ) throws -> [(rivalry: Rivalry, steps: [HostileStep], difference: String?)] {
        var sequences: [[HostileStep]] = []
        var accounts = rivalries.map { _ in [Rivalry.Company: [Rivalry.Account]]() }
        for company in Rivalry.Company.allCases {
            let spool = try SharedSpool()
            let places = rivalries.flatMap { rivalry in
                rivalry.senders.indices.map { company.has($0) ? rivalry.senders[$0] : nil }
            }
            let answers = try spool.furnish(places)
            if sequences.isEmpty {
                sequences = rivalries.indices.map { index in
                    given ?? rivalries[index].steps(answers: Array(answers[(2 * index)..<(2 * index + 2)]))
                }
            }
            for (index, rivalry) in rivalries.enumerated() {
                accounts[index][company] = try rivalry.play(sequences[index], company) {
                    try connect($0, spool)
                }
            }
            try spool.settle()
            for (index, rivalry) in rivalries.enumerated() {
                for actor in 0...1 where company.has(actor) {
                    accounts[index][company]?[actor].state = try spool.state(of: rivalry.senders[actor])
                }
            }
        }
        return rivalries.indices.map { index in
            (
                rivalries[index], sequences[index],
                rivalries[index].difference(accounts[index], sequences[index])
            )
        }
    }

    /// Leaves out what is not needed for a difference: halves first, then less and less, down to single steps.
    private func shorten(_ steps: [HostileStep], of rivalry: Rivalry) throws -> [HostileStep] {
        var steps = steps
        var size = steps.count / 2
        while size >= 1 {
            var start = 0
            while start < steps.count {
                var fewer = steps
                fewer.removeSubrange(start..<min(start + size, steps.count))
                if try play([rivalry], fewer).first?.difference != nil {
                    steps = fewer
                } else {
                    start += size
                }
            }
            size /= 2
        }
        return steps
    }
}
