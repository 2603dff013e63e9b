internal import CSeccomp
internal import Foundation

/// A kernel that takes no filters of system calls, as far as the process and its children can see.
enum Unfiltered {
    struct Fault: Error {}

    /// - Parameter program: its path and its arguments.
    static func become(_ program: [String]) throws -> Never {
        guard let filter = seccomp_init(UInt32(SCMP_ACT_ALLOW)) else { throw Fault() }
        let filtering = scmp_arg_cmp(arg: 0, op: SCMP_CMP_EQ, datum_a: UInt64(PR_SET_SECCOMP), datum_b: 0)
        guard refuse("seccomp", [], in: filter), refuse("prctl", [filtering], in: filter),
            seccomp_load(filter) == 0
        else { throw Fault() }
        execv(program[0], program.map { strdup($0) } + [nil])
        throw Fault()
    }

    private static func refuse(_ call: String, _ when: [scmp_arg_cmp], in filter: scmp_filter_ctx) -> Bool {
        seccomp_rule_add_array(
            filter, ecluse_seccomp_refusing(), seccomp_syscall_resolve_name(call), UInt32(when.count), when)
            == 0
    }
}
