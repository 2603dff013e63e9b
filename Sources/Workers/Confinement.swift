internal import CSeccomp
public import Exchange
internal import Glibc

/// What a process gives up before it meets a stranger's bytes. Nothing of it can be taken back.
public struct Confinement: Sendable, Codable {
    private let identity: WorkerSettings.Identity?
    private let memory: Int64

    /// Standard input, output and errors, the files in hand, and a few for the runtime.
    private static let openFiles: rlim_t = 16

    public init(_ settings: WorkerSettings) {
        identity = settings.identity
        memory = settings.memory
    }

    /// What was reached.
    public struct Report: Sendable, Hashable, Codable {
        /// The number of the user the process is.
        public let user: UInt32
        /// Nil when system calls are filtered; otherwise why they are not.
        public let unfiltered: String?
    }

    /// Confines this process for good: user, limits, system calls.
    ///
    /// - Throws: when the user or a limit cannot be had. A kernel without a filter of system calls is only reported.
    public func apply() throws(Deferral) -> Report {
        try become()
        try limit()
        try Confinement.require(ecluse_no_new_privileges(), "giving up new privileges")
        // After the change of the user, which takes both back.
        try Confinement.require(ecluse_not_dumpable(), "hiding its memory")
        try Confinement.require(ecluse_end_with_parent(), "binding itself to the daemon")
        return Report(user: geteuid(), unfiltered: SystemCalls.refuseAllButNeeded())
    }

    private func become() throws(Deferral) {
        guard let identity, geteuid() == 0 else { return }
        try Confinement.require(ecluse_without_groups(), "leaving its groups")
        try Confinement.require(setgid(identity.group), "changing its group")
        try Confinement.require(setuid(identity.user), "changing its user")
    }

    private func limit() throws(Deferral) {
        try Confinement.limit(RLIMIT_CORE, to: 0)
        try Confinement.limit(RLIMIT_FSIZE, to: 0)
        try Confinement.limit(__RLIMIT_NPROC, to: 0)
        try Confinement.limit(RLIMIT_NOFILE, to: Confinement.openFiles)
        try Confinement.limit(RLIMIT_AS, to: Confinement.addressSpace() + rlim_t(memory))
    }

    /// Bytes of address space in use.
    private static func addressSpace() throws(Deferral) -> rlim_t {
        guard let file = fopen("/proc/self/statm", "r") else { throw fault("reading its size") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil, case let pages = strtoull(line, nil, 10),
            pages > 0
        else { throw fault("reading its size") }
        return rlim_t(pages) * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func limit(_ resource: __rlimit_resource, to most: rlim_t) throws(Deferral) {
        var limit = rlimit(rlim_cur: most, rlim_max: most)
        try require(setrlimit(__rlimit_resource_t(resource.rawValue), &limit), "limiting itself")
    }

    private static func require(_ result: Int32, _ what: String) throws(Deferral) {
        guard result == 0 else { throw fault(what) }
    }

    private static func fault(_ what: String) -> Deferral {
        Deferral(
            .workerUnavailable,
            "A worker could not be confined: \(what): \(String(cString: strerror(errno))).")
    }
}
