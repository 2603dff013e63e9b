internal import CLibSSH
internal import Exchange
internal import Foundation
internal import Logging

extension SFTPSession {
    /// Keys a client may offer in one connection; OpenSSH's `MaxAuthTries`.
    private static let mostRefused = 6
    private static let mostAttempts = 20
    /// Refusals a connection may have without being charged while it lasts: an agent offers all its keys.
    private static let freeRefusals = 3
    /// What a connection costs, in failed log-ins, that had a key exchange and never tried to log in. Small, because
    /// `ssh-keyscan` and monitors do it, a few times each.
    private static let keyExchangeWeight = 0.125

    /// Called by libssh for a key that is offered, and again when it has signed. Unknown users and wrong keys
    /// are asked and answered alike.
    func authenticate(user: String, key: ssh_key?, signatureState: CChar) -> Int32 {
        attempts += 1
        let isSigned = Int32(signatureState) == SSH_PUBLICKEY_STATE_VALID.rawValue
        let isOffered = Int32(signatureState) == SSH_PUBLICKEY_STATE_NONE.rawValue
        let found: Admission?
        do throws(DirectoryFault) {
            found = self.admission == nil && (isSigned || isOffered) ? try admission(of: user, key) : nil
        } catch {
            return giveUp(error)
        }
        guard let admission = found else { return refuse(user: user, reason: "unknown user or key") }
        guard isSigned else { return SSH_AUTH_SUCCESS.rawValue }
        excuse()
        guard services.gate.logIn(id, as: admission.sender) else {
            services.logger.info(
                "log-in refused",
                metadata: [
                    "user": "\(admission.user)", "address": "\(address)",
                    "reason": "too many sessions of the sender",
                ])
            fail("too many sessions")
            return SSH_AUTH_DENIED.rawValue
        }
        self.admission = admission
        services.logger.info(
            "logged in",
            metadata: [
                "sender": "\(admission.sender)", "user": "\(admission.user)", "address": "\(address)",
                "key": "\(admission.key.algorithm)", "client": "\(clientName)",
            ])
        return SSH_AUTH_SUCCESS.rawValue
    }

    private func admission(of user: String, _ key: ssh_key?) throws(DirectoryFault) -> Admission? {
        guard let key = publicKey(key) else { return nil }
        let admission = try services.directory.admit(user: user, key: key)
        return admission?.channel == .sftp ? admission : nil
    }

    /// Nobody can be told from anybody else now: the peer has not failed.
    private func giveUp(_ fault: DirectoryFault) -> Int32 {
        excuse()
        services.logger.error(
            "the registry cannot be read: nobody is admitted",
            metadata: ["address": "\(address)", "fault": "\(fault)"])
        fail("nobody can log in now")
        return SSH_AUTH_DENIED.rawValue
    }

    /// A key signed with an algorithm that is not accepted, such as `ssh-rsa` with SHA-1 (domain 9.14).
    func refuseSignature() {
        _ = refuse(user: "", reason: "signature algorithm")
        fail("signature algorithm not accepted")
    }

    func refusePassword(user: String) -> Int32 {
        attempts += 1
        return refuse(user: user, reason: "password")
    }

    /// Clients ask for nothing to learn what is possible: that is no failed log-in.
    func refuseNone() -> Int32 {
        attempts += 1
        if attempts > SFTPSession.mostAttempts { fail("too many attempts to log in") }
        return SSH_AUTH_DENIED.rawValue
    }

    private func refuse(user: String, reason: String) -> Int32 {
        refusedAttempts += 1
        let words = peerWords(user.utf8, limit: 64)
        if !user.isEmpty, refusedUsers.count < SFTPSession.mostRefused { refusedUsers.insert(words) }
        services.logger.info(
            "log-in refused",
            metadata: [
                "user": "\(words)", "address": "\(address)", "reason": "\(reason)",
            ])
        if refusedAttempts >= SFTPSession.mostRefused || attempts > SFTPSession.mostAttempts {
            fail("too many attempts to log in")
        }
        if refusedAttempts > SFTPSession.freeRefusals { charge(weight: 1) }
        return SSH_AUTH_DENIED.rawValue
    }

    /// For a connection that ends without log-in. One whose peer sent nothing, or only a banner, costs nothing.
    func chargeAtEnd() {
        guard !isExcused else { return }
        if refusedAttempts > 0 {
            charge(weight: 1)
        } else if hasBegunKeyExchange {
            charge(weight: SFTPSession.keyExchangeWeight)
        }
    }

    /// Once for one connection, with all the names it has tried so far.
    private func charge(weight: Double) {
        guard countedFailure?.users != refusedUsers else { return }
        refundCharge()
        countedFailure = services.gate.noteFailure(
            from: address, as: refusedUsers, weight: weight, at: SFTPClock.now())
        guard let charge = countedFailure, charge.seconds > 0 else { return }
        services.logger.info(
            "address shut out for failed log-ins",
            metadata: ["address": "\(address)", "seconds": "\(Int(charge.seconds.rounded(.up)))"])
    }

    /// Neither an agent that found the right key late has failed, nor who is sent away for a reason of ours.
    func excuse() {
        isExcused = true
        refundCharge()
    }

    private func refundCharge() {
        guard let charge = countedFailure else { return }
        services.gate.forgive(charge)
        countedFailure = nil
    }

    private var clientName: String {
        ssh_get_clientbanner(transport).map { peerWords(String(cString: $0).utf8, limit: 64) } ?? ""
    }

    private func publicKey(_ key: ssh_key?) -> SSHPublicKey? {
        var encoded: UnsafeMutablePointer<CChar>?
        guard let key, ssh_pki_export_pubkey_base64(key, &encoded) == SSH_OK, let encoded else { return nil }
        defer { ssh_string_free_char(encoded) }
        guard let blob = Data(base64Encoded: String(cString: encoded)) else { return nil }
        return try? SSHPublicKey(blob: Array(blob))
    }
}
