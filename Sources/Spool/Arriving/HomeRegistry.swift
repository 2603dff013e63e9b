internal import Exchange
internal import Synchronization

/// Finds the one home of a sender. A home nobody refers to and that holds nothing goes out of memory.
final class HomeRegistry: Sendable {
    private struct Reference {
        weak var home: Home?
    }

    private let ground: HomeGround
    private let homes = Mutex<[SenderNumber: Reference]>([:])

    init(ground: HomeGround) {
        self.ground = ground
    }

    func home(of sender: SenderNumber) -> Home {
        homes.withLock { homes in
            if let home = homes[sender]?.home { return home }
            let home = Home(of: sender, on: ground)
            homes[sender] = Reference(home: home)
            return home
        }
    }

    /// Forgets the homes that have gone.
    func prune() {
        homes.withLock { homes in homes = homes.filter { $0.value.home != nil } }
    }
}
