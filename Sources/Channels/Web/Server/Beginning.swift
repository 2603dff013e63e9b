internal import Foundation

/// When a run of the service begins: at the next whole second. Assertions tell their time in whole seconds; within one
/// they do not tell whether they were made for this run or used with the one before.
struct Beginning: Sendable {
    let date: Date
    private let instant: ContinuousClock.Instant

    init(after now: Date) {
        let seconds = now.timeIntervalSince1970
        date = Date(timeIntervalSince1970: seconds.rounded(.up))
        instant = .now + .seconds(seconds.rounded(.up) - seconds)
    }

    /// Waits for it.
    func come() async {
        try? await ContinuousClock().sleep(until: instant)
    }
}
