internal import Exchange
internal import Foundation

/// One file that is arriving, or waits for the rest of its set.
struct Arrival: Sendable {
    let name: ArrivalName
    /// Stands for the inode: it stays through renames and resumed uploads, and ends with a replacing one.
    let serial: UInt64
    /// The channel of its newest upload.
    var channel: ChannelKind
    /// Bytes.
    var size: UInt64
    /// The last write, opening, closing or breaking off.
    var lastActivity: Date
    /// The upload that owns it, when one is open.
    var owner: UInt64?
    /// Its last upload was ended, not broken off. Not known, and so false, for what was found at opening.
    var isClosed: Bool
    /// Writes that began and did not end yet, also of an upload that no longer owns it.
    var writesUnderWay = 0
    /// SHA-256 of the bytes, when they were written in one go.
    var digest: Digest?
    /// Grows with every write.
    var version: UInt64 = 0
    /// The version that reached the disk.
    var syncedVersion: UInt64?
    /// A sync failed: the pages may count as clean without being on the disk (the kernel reports it once
    /// only), so the bytes must be written anew.
    var isSuspect = false

    /// It lay there at opening. A sync of it may have failed before, and is not told again.
    var wasFound = false

    /// An upload wrote into it that did not own it any more: no digest an upload computed stands for it.
    var isMixed = false

    /// Syncs asked for and not answered yet.
    var syncsUnderWay = 0

    var isBusy: Bool { owner != nil || writesUnderWay > 0 }
    var isSynced: Bool { syncedVersion == version && !needsRewriting }

    /// Ended by the upload that owns it.
    mutating func close(size: UInt64, digest: Digest?, at time: Date) {
        owner = nil
        isClosed = true
        self.size = size
        self.digest = isMixed ? nil : digest
        lastActivity = time
    }

    /// Goes on being written, by another upload.
    mutating func resume(by owner: UInt64, size: UInt64, at time: Date) {
        self.owner = owner
        self.size = size
        isClosed = false
        digest = nil
        lastActivity = time
    }

    /// Whether the bytes must be written anew to be on the disk for certain. A sync under way may still fail,
    /// and the kernel would tell only the one who asked for it.
    var needsRewriting: Bool { isSuspect || wasFound || syncsUnderWay > 0 }

    /// True when a GO need not wait for it any longer: nothing happened for the GO's wait, or, with an upload
    /// still open, for so long that its sender counts as gone.
    func isQuiet(at now: Date, _ limits: SpoolLimits) -> Bool {
        let wait = owner == nil ? limits.earlyTriggerWait : limits.idleUploadWait
        return writesUnderWay == 0 && now.timeIntervalSince(lastActivity) >= wait
    }

    func entry(named name: FileName) -> HomeEntry {
        HomeEntry(name: name, size: size, modifiedAt: lastActivity)
    }
}

/// A GO that came before the rest of its set.
struct EarlyTrigger: Sendable {
    let set: SetName
    let since: Date
    /// Its sender owes for it until its set is sealed (`RefusalPace`).
    var isCharged = false
    /// Who waits for the GO itself to be durable.
    var completion: Completion?
}

typealias Completion = @Sendable (Result<Void, HomeFault>) -> Void
