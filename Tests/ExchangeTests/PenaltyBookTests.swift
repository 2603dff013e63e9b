import Exchange
import Testing

extension PenaltyBook {
    /// What a failure costs, in seconds; nil when it is not counted.
    fileprivate mutating func cost(
        from network: String, as user: String? = nil, weight: Double = 1, at now: Double
    ) -> Double? {
        noteFailure(from: network, as: user.map { [$0] } ?? [], weight: weight, at: now)?.seconds
    }
}

@Suite struct PenaltyBookTests {
    private let address = "192.0.2.1"

    @Test func `three failures are free, then each costs twice the one before, up to the longest`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        let costs = (0..<15).map { _ in book.cost(from: address, at: 0) }
        #expect(costs == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600])
    }

    @Test func `a penalty runs out`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<4 { _ = book.noteFailure(from: address, at: 100) }
        #expect(book.penalty(of: address, at: 100) == 2)
        #expect(book.penalty(of: address, at: 101.5) == 0.5)
        #expect(book.penalty(of: address, at: 102) == 0)
    }

    @Test func `failures are forgotten one by one`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<4 { _ = book.noteFailure(from: address, at: 0) }
        #expect(book.cost(from: address, at: 2 + 121) == 0)
        #expect(book.cost(from: address, at: 2 + 121) == 2)
        #expect(book.cost(from: address, at: 1_000_000) == 0)
    }

    @Test func `half a failure costs half as soon`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        let costs = (0..<10).map { _ in book.cost(from: address, weight: 0.5, at: 0) }
        #expect(costs.prefix(7).allSatisfy { $0 == 0 })
        #expect(costs[7] == 2)
        #expect(costs[9] == 4)
    }

    @Test func `a failure that is forgiven does not count`() throws {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<20 {
            let notedCharge = book.noteFailure(from: address, at: 0)
            let charge = try #require(notedCharge)
            #expect(charge.seconds == 0)
            book.forgive(charge)
        }
        #expect(book.penalty(of: address, at: 0) == 0)
    }

    @Test func `a failure that is forgiven shuts nobody out, and leaves what others cost`() throws {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<4 { _ = book.noteFailure(from: address, at: 0) }
        let notedLate = book.noteFailure(from: address, at: 1)
        let late = try #require(notedLate)
        #expect(book.penalty(of: address, at: 1) == 4)
        book.forgive(late)
        #expect(book.penalty(of: address, at: 1) == 1)
        let notedAnother = book.noteFailure(from: address, at: 1)
        let another = try #require(notedAnother)
        _ = book.noteFailure(from: address, at: 1)
        book.forgive(another)
        #expect(book.penalty(of: address, at: 1) == 4, "as if it had not been")
    }

    @Test func `who proves themselves late, many at once and in whatever order, is not shut out`() throws {
        for order in [Array(0..<13), Array((0..<13).reversed()), (0..<13).map { $0 * 5 % 13 }] {
            var book = PenaltyBook(policy: PenaltyPolicy())
            var charges: [PenaltyBook.Charge] = []
            for number in 0..<13 {
                let charge = book.noteFailure(from: address, at: Double(number) / 100)
                charges.append(try #require(charge))
            }
            #expect(book.penalty(of: address, at: 1) > 500)
            for place in order { book.forgive(charges[place]) }
            #expect(book.penalty(of: address, at: 1) == 0)
            #expect(book.cost(from: address, at: 1) == 0)
        }
    }

    @Test func `what a name cost stays when a failure under another name is taken back`() throws {
        var policy = PenaltyPolicy()
        policy.userFailures = 1
        var book = PenaltyBook(policy: policy)
        #expect(book.cost(from: "10.0.0.1", as: "EXPacme", at: 0) == 0)
        #expect(book.cost(from: address, as: "EXPacme", at: 0) == 2)
        let notedOther = book.noteFailure(from: address, as: ["EXPother"], at: 0)
        book.forgive(try #require(notedOther))
        #expect(book.penalty(of: address, at: 0) == 2)
    }

    @Test func `a failure with several names counts for each of them, and is taken back from each`() throws {
        var policy = PenaltyPolicy()
        policy.userFailures = 1
        var book = PenaltyBook(policy: policy)
        let notedCharge = book.noteFailure(from: "10.0.0.1", as: ["EXPacme", "EXPother"], at: 0)
        let charge = try #require(notedCharge)
        for name in ["EXPacme", "EXPother"] {
            let notedSecond = book.noteFailure(from: "10.0.0.2", as: [name], at: 0)
            let second = try #require(notedSecond)
            #expect(second.seconds == 2)
            book.forgive(second)
        }
        book.forgive(charge)
        for name in ["EXPacme", "EXPother"] {
            #expect(book.cost(from: "10.0.0.3", as: name, at: 0) == 0)
        }
    }

    @Test func `a neighbour address pays nothing`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for _ in 0..<10 { _ = book.noteFailure(from: address, at: 0) }
        #expect(book.penalty(of: "192.0.2.2", at: 0) == 0)
    }

    @Test func `a policy that is off costs nothing`() {
        var policy = PenaltyPolicy()
        policy.isOn = false
        var book = PenaltyBook(policy: policy)
        for _ in 0..<10 { #expect(book.cost(from: address, at: 0) == nil) }
        #expect(book.penalty(of: address, at: 0) == 0)
    }

    @Test func `a name guessed at from many addresses has no free failures, and shuts nobody out`() {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for number in 1...20 {
            #expect(book.cost(from: "10.0.0.\(number)", as: "EXPacme", at: 0) == 0)
        }
        #expect(book.cost(from: "10.0.0.21", as: "EXPacme", at: 0) == 2)
        #expect(book.cost(from: "10.0.0.22", as: "EXPother", at: 0) == 0)
        // Its owner, elsewhere, comes in; and a mistake of theirs costs the least there is.
        #expect(book.penalty(of: address, at: 0) == 0)
        #expect(book.cost(from: address, as: "EXPacme", at: 0) == 2)
        #expect(book.cost(from: "10.0.0.23", as: "EXPacme", at: 600) == 0)
    }

    @Test func `a failure that is forgiven does not count for its name either`() throws {
        var book = PenaltyBook(policy: PenaltyPolicy())
        for number in 1...40 {
            let notedCharge = book.noteFailure(from: "10.0.0.\(number)", as: ["EXPacme"], at: 0)
            let charge = try #require(notedCharge)
            #expect(charge.seconds == 0)
            book.forgive(charge)
        }
    }

    @Test func `the book does not grow for ever`() {
        var policy = PenaltyPolicy()
        policy.freeFailures = 0
        var book = PenaltyBook(policy: policy)
        _ = book.noteFailure(from: address, at: 0)
        for number in 0..<PenaltyBook.most {
            _ = book.noteFailure(
                from: "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)", at: 1)
        }
        #expect(book.penalty(of: address, at: 0) == 0)
        #expect(book.penalty(of: "10.0.0.1", at: 1) == 2)
    }

    @Test func `names do not fill the book either`() {
        var policy = PenaltyPolicy()
        policy.userFailures = 1
        policy.forgetting = 0
        var book = PenaltyBook(policy: policy)
        _ = book.noteFailure(from: "10.0.0.1", as: ["EXPacme"], at: 0)
        for number in 0..<PenaltyBook.most {
            _ = book.noteFailure(from: address, as: ["EXPs\(number)"], at: 1)
        }
        #expect(book.cost(from: "10.0.0.2", as: "EXPacme", at: 2) == 0)
    }
}
