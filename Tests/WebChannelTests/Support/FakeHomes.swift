import Exchange
import Foundation
import Synchronization

/// Homes of senders in memory, for reading answers; nothing is taken in through them.
final class FakeHomes: Intake {
    private let homes = Mutex<[SenderNumber: FakeHome]>([:])

    func home(of sender: SenderNumber, over channel: ChannelKind) throws(HomeFault) -> any SenderHome {
        home(of: sender)
    }

    func home(of sender: SenderNumber) -> FakeHome {
        homes.withLock { homes in
            if let home = homes[sender] { return home }
            let home = FakeHome()
            homes[sender] = home
            return home
        }
    }
}

final class FakeHome: SenderHome {
    private struct Place: Hashable {
        let mailbox: Mailbox
        let name: FileName
    }

    private let files = Mutex<[Place: [UInt8]]>([:])
    private let publishedAt = Date()

    var pause: TimeInterval { 0 }

    /// Publishes a file.
    func put(_ bytes: some Sequence<UInt8>, _ name: String, in mailbox: Mailbox) {
        guard let name = FileName(name) else { return }
        files.withLock { $0[Place(mailbox: mailbox, name: name)] = Array(bytes) }
    }

    func entries(in mailbox: Mailbox) throws(HomeFault) -> [HomeEntry] {
        files.withLock { files in
            files.filter { $0.key.mailbox == mailbox }.map {
                HomeEntry(name: $0.key.name, size: UInt64($0.value.count), modifiedAt: publishedAt)
            }
        }
    }

    func entry(named name: FileName, in mailbox: Mailbox) throws(HomeFault) -> HomeEntry {
        guard let bytes = files.withLock({ $0[Place(mailbox: mailbox, name: name)] }) else {
            throw .noSuchFile
        }
        return HomeEntry(name: name, size: UInt64(bytes.count), modifiedAt: publishedAt)
    }

    func upload(_ name: FileName, in mailbox: Mailbox, mode: UploadMode) throws(HomeFault) -> any Upload {
        throw .notAllowed
    }

    func download(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) -> any Download {
        guard let bytes = files.withLock({ $0[Place(mailbox: mailbox, name: name)] }) else {
            throw .noSuchFile
        }
        return FakeDownload(bytes: bytes)
    }

    func rename(
        _ name: FileName, to newName: FileName, in mailbox: Mailbox, replacing: Bool,
        completion: @escaping @Sendable (Result<Void, HomeFault>) -> Void
    ) {
        completion(.failure(.notAllowed))
    }

    func remove(_ name: FileName, in mailbox: Mailbox) throws(HomeFault) {
        let removed = files.withLock { $0.removeValue(forKey: Place(mailbox: mailbox, name: name)) }
        guard removed != nil else { throw .noSuchFile }
    }
}
