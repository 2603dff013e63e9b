internal import CSeccomp
internal import Glibc

/// The system calls of a confined process: reading what it was given, talking on its socket, memory, and its end.
enum SystemCalls {
    private static let allowed = [
        "read", "pread64", "lseek", "write", "sendmsg", "recvmsg", "close",
        "brk", "munmap", "mremap", "madvise",
        "futex", "rseq", "sched_yield", "sched_getaffinity", "restart_syscall",
        "clock_gettime", "gettimeofday", "getrandom", "getpid", "gettid",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
        "exit", "exit_group",
    ]
    /// Allowed unless the memory could be executed; which argument says so.
    private static let memory: [(call: String, protection: UInt32)] = [("mmap", 2), ("mprotect", 2)]

    /// Has every other call fail with EPERM, in all threads of this process, for good.
    ///
    /// - Returns: nil when it is so, otherwise why it is not.
    static func refuseAllButNeeded() -> String? {
        guard let filter = seccomp_init(ecluse_seccomp_refusing()) else {
            return "libseccomp made no filter"
        }
        defer { seccomp_release(filter) }
        var result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1)
        for call in allowed where result == 0 {
            result = allow(call, [], in: filter)
        }
        for (call, argument) in memory where result == 0 {
            let notExecutable = scmp_arg_cmp(
                arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: UInt64(PROT_EXEC), datum_b: 0)
            result = allow(call, [notExecutable], in: filter)
        }
        if result == 0 { result = seccomp_load(filter) }
        return result == 0 ? nil : String(cString: strerror(-result))
    }

    private static func allow(_ call: String, _ arguments: [scmp_arg_cmp], in filter: scmp_filter_ctx)
        -> Int32
    {
        let number = seccomp_syscall_resolve_name(call)
        guard number != __NR_SCMP_ERROR else { return -EINVAL }
        return seccomp_rule_add_array(
            filter, UInt32(SCMP_ACT_ALLOW), number, UInt32(arguments.count), arguments)
    }
}
