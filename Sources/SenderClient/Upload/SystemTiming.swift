internal import Glibc

extension Timing {
    static let system = Timing(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        },
        pause: { seconds in
            var wanted = timespec(
                tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
            var rest = timespec()
            while nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
        })
}
