internal import Exchange
internal import Glibc
internal import Synchronization

/// Tells when the disk has fewer free bytes than the floor; asks the disk at most once a second.
final class DiskFloor: Sendable {
    private let directory: Directory
    private let floor: Int64
    private let last = Mutex((second: Int.min, isAbove: true))

    init(directory: Directory, floor: Int64) {
        self.directory = directory
        self.floor = floor
    }

    /// - Throws: `.outOfSpace` below the floor.
    func require() throws(HomeFault) {
        guard isAbove() else { throw .outOfSpace }
    }

    private func isAbove() -> Bool {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let second = time.tv_sec
        return last.withLock { last in
            if last.second == second { return last.isAbove }
            // A disk that cannot be asked will say so when it is written to.
            let free = (try? directory.freeBytes()).map { Int64(clamping: $0) } ?? .max
            last = (second, free >= floor)
            return last.isAbove
        }
    }
}
