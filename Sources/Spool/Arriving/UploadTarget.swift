internal import Exchange
internal import Foundation

/// Stands for one upload of one file.
struct UploadKey: Sendable {
    let mailbox: Mailbox
    /// The upload.
    let owner: UInt64
    /// The file.
    let serial: UInt64
}

/// What files are uploaded into, a home or a consignment: it knows who owns each file and what is known of
/// its bytes.
protocol UploadTarget: Sendable {
    var ground: HomeGround { get }
    var sender: SenderNumber { get }
    var allowance: SenderAllowance { get }

    /// Runs `body` on the files of one directory, under the lock.
    func inside<Value: Sendable>(
        _ mailbox: Mailbox, _ body: (inout Arrivals) throws(HomeFault) -> Value
    ) throws(HomeFault) -> Value

    /// An upload ended; the completion comes when what that brings about is done.
    ///
    /// - Parameter digest: of all bytes; nil when they did not come in order.
    func close(_ key: UploadKey, size: UInt64, digest: Digest?, completion: @escaping Completion)
}

extension UploadTarget {
    /// Changes the file of an upload, which must still own it.
    func change<Value: Sendable>(
        _ key: UploadKey, _ body: (FileName, inout Arrivals) throws(HomeFault) -> Value
    ) throws(HomeFault) -> Value {
        try inside(key.mailbox) { arrivals throws(HomeFault) in
            guard let name = arrivals.name(ofSerial: key.serial), arrivals[name]?.owner == key.owner else {
                throw .superseded
            }
            return try body(name, &arrivals)
        }
    }

    /// Every write to the file stands between this and `endWrite`; a set is not sealed meanwhile.
    ///
    /// - Parameter end: where the file will end at least.
    /// - Throws: `.tooManyFiles` when the sender would have more unsealed bytes than allowed.
    func beginWrite(_ key: UploadKey, upTo end: UInt64) throws(HomeFault) {
        try change(key) { name, arrivals throws(HomeFault) in
            let size = arrivals[name]?.size ?? 0
            if end > size { try allowance.requireRoom(for: end - size) }
            arrivals.change(name) { arrival in
                arrival.writesUnderWay += 1
                arrival.version += 1
                arrival.digest = nil
            }
        }
    }

    func endWrite(_ key: UploadKey, size: UInt64) {
        let now = ground.steady()
        // A target that cannot be read any more has nothing to note it in.
        try? inside(key.mailbox) { arrivals throws(HomeFault) in
            guard let name = arrivals.name(ofSerial: key.serial) else { return }
            arrivals.change(name) { arrival in
                arrival.writesUnderWay -= 1
                arrival.lastActivity = now
                if arrival.owner == key.owner {
                    arrival.size = size
                } else {
                    // It landed among, or after, the bytes of the upload that owns the file.
                    arrival.isMixed = true
                    arrival.digest = nil
                    arrival.version += 1
                }
            }
        }
    }

    /// The version a sync that begins now will cover. Followed by `endSync`.
    ///
    /// - Throws: when a sync of the file failed before: another would succeed and prove nothing. The file is written
    ///   anew when it is sent anew, or sealed.
    func beginSync(_ key: UploadKey) throws(HomeFault) -> UInt64 {
        try change(key) { name, arrivals throws(HomeFault) in
            if arrivals[name]?.isSuspect == true { throw .failed("an earlier sync of the file failed") }
            arrivals.change(name) { $0.syncsUnderWay += 1 }
            return arrivals[name]?.version ?? 0
        }
    }

    func endSync(_ key: UploadKey, version: UInt64, failed: Bool) {
        try? inside(key.mailbox) { arrivals throws(HomeFault) in
            guard let name = arrivals.name(ofSerial: key.serial) else { return }
            arrivals.change(name) { arrival in
                arrival.syncsUnderWay -= 1
                if failed {
                    arrival.isSuspect = true
                } else {
                    arrival.syncedVersion = version
                }
            }
        }
    }

    /// The bytes stay; nothing is triggered.
    func abandon(_ key: UploadKey) {
        let now = ground.steady()
        try? change(key) { name, arrivals throws(HomeFault) in
            arrivals.change(name) { arrival in
                arrival.owner = nil
                arrival.lastActivity = now
            }
        }
    }
}
