internal import Exchange
internal import GRDB
internal import Glibc

public import struct Foundation.Date

/// Who may send what: senders, their channels, certificates, keys and applications, and the authorities
/// trusted.
///
/// One SQLite file in WAL mode, synced at every commit. Several processes may have it open, each through its
/// own `Registry`; a change by any of them is seen by the next call of every other. The schema holds the
/// rules, the methods only name the fault. Whether a certificate is expired, weak or chained, and whether an
/// application is in the catalogue, is judged by the caller before. Calls block on the disk; a writer waits
/// at most 5 s for another. Nothing secret is stored but the hashes of FTP passwords.
public final class Registry: Sendable {
    /// `ECLR`: marks the file as a registry, so that no other database is taken for one.
    static let applicationID: Int32 = 0x4543_4C52

    /// Sees commits of every other connection, this object's own pool included, because it never writes
    /// itself.
    private let watch: DatabaseQueue
    private let pool: DatabasePool
    private let cache = RevisionCache<SenderNumber, SenderRecord?>(capacity: 1024)
    let certificateOwners = RevisionCache<Digest, SenderNumber>(capacity: 1024)
    let clock: @Sendable () -> Date

    private init(watch: DatabaseQueue, pool: DatabasePool, clock: @escaping @Sendable () -> Date) {
        self.watch = watch
        self.pool = pool
        self.clock = clock
    }

    /// Makes a new registry, readable by its owner only. `.alreadyExists` when there is a file.
    public static func create(
        at path: String, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws(RegistryFault) -> Registry {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let cause = errno
            if cause == EEXIST { throw RegistryFault(.alreadyExists, "There is a file at \(path) already.") }
            throw .unavailable("\(path): \(String(cString: strerror(cause)))")
        }
        guard Glibc.close(descriptor) == 0 else { throw .unavailable("\(path) cannot be written") }
        do {
            let pool = try openPool(at: path)
            try pool.write { try $0.execute(sql: "PRAGMA application_id = \(applicationID)") }
            try RegistrySchema.migrate(pool)
            return Registry(watch: try openWatch(at: path), pool: pool, clock: clock)
        } catch {
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            throw RegistryFault(error)
        }
    }

    /// Opens a registry and brings its schema up to date. `.notFound` when there is no file; `.newerSchema`
    /// when a newer version of the program wrote it.
    public static func open(
        at path: String, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws(RegistryFault) -> Registry {
        do {
            let watch = try openMarked(at: path)
            let pool = try openPool(at: path)
            try RegistrySchema.migrate(pool)
            return Registry(watch: watch, pool: pool, clock: clock)
        } catch {
            throw RegistryFault(error)
        }
    }

    /// Looks whether the file is a registry that this program knows and may write, with the faults of `open`. Writes nothing
    /// in it: an older schema stays as it is, for the program that has it open.
    public static func check(at path: String) throws(RegistryFault) {
        do {
            try RegistrySchema.requireKnown(in: try openMarked(at: path))
            guard access(path, W_OK) == 0 else {
                throw RegistryFault.unavailable("\(path): \(String(cString: strerror(errno)))")
            }
        } catch {
            throw RegistryFault(error)
        }
    }

    /// A number that differs from the one before whenever any process has changed anything in between. It
    /// means nothing to another `Registry`, nor after a restart. Costs microseconds.
    public func revision() throws(RegistryFault) -> Int64 {
        do {
            return try watch.inDatabase { database in
                try Int64.fetchOne(database.cachedStatement(sql: "PRAGMA data_version")) ?? 0
            }
        } catch {
            throw RegistryFault(error)
        }
    }

    /// One snapshot of the file.
    func read<Value>(_ body: (Database) throws -> Value) throws(RegistryFault) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw RegistryFault(error)
        }
    }

    /// One immediate transaction; durable when it returns, without effect when it throws.
    func write<Value>(_ body: (Database) throws -> Value) throws(RegistryFault) -> Value {
        do {
            return try pool.write(body)
        } catch {
            throw RegistryFault(error)
        }
    }

    /// The sender as of the present revision. A record read while another process commits may be newer than
    /// the revision it is kept under, never older.
    func currentSender(_ number: SenderNumber) throws(RegistryFault) -> SenderRecord? {
        let revision = try revision()
        if let known = cache.value(for: number, at: revision) { return known }
        let record = try sender(number)
        cache.keep(record, for: number, at: revision)
        return record
    }

    /// The watch of a file that says of itself that it is a registry.
    private static func openMarked(at path: String) throws -> DatabaseQueue {
        guard access(path, F_OK) == 0 else {
            throw RegistryFault(.notFound, "There is no registry at \(path).")
        }
        let watch = try openWatch(at: path)
        let mark = try watch.inDatabase { try Int32.fetchOne($0, sql: "PRAGMA application_id") }
        guard mark == applicationID else { throw RegistryFault.unavailable("\(path) is not a registry") }
        return watch
    }

    private static func openWatch(at path: String) throws -> DatabaseQueue {
        var configuration = configuration
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func openPool(at path: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: path, configuration: configuration)
        // After opening, because GRDB itself sets NORMAL when it turns WAL on.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.label = "ecluse.registry"
        return configuration
    }
}
