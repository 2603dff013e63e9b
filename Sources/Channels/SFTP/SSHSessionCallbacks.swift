internal import CLibSSH

/// The callback structures libssh keeps pointers to. They must outlive the session and its channel: the owner
/// calls `deallocate()` after `ssh_free`. The session object is not retained; its worker keeps it.
struct SSHSessionCallbacks {
    private let server: UnsafeMutablePointer<ssh_server_callbacks_struct>
    private let channel: UnsafeMutablePointer<ssh_channel_callbacks_struct>

    init() {
        server = .allocate(capacity: 1)
        server.initialize(to: ssh_server_callbacks_struct())
        server.pointee.size = MemoryLayout<ssh_server_callbacks_struct>.size
        channel = .allocate(capacity: 1)
        channel.initialize(to: ssh_channel_callbacks_struct())
        channel.pointee.size = MemoryLayout<ssh_channel_callbacks_struct>.size
    }

    func deallocate() {
        server.deallocate()
        channel.deallocate()
    }

    /// Every kind of request without a function here is refused by libssh.
    func bind(to session: SFTPSession) {
        let context = Unmanaged.passUnretained(session).toOpaque()
        server.pointee.userdata = context
        server.pointee.auth_pubkey_function = { _, user, key, state, context in
            owner(context)?.authenticate(user: text(user), key: key, signatureState: state) ?? denied
        }
        server.pointee.auth_none_function = { _, _, context in owner(context)?.refuseNone() ?? denied }
        server.pointee.auth_password_function = { _, user, _, context in
            owner(context)?.refusePassword(user: text(user)) ?? denied
        }
        // Without it libssh would look for a Kerberos key table of the machine.
        server.pointee.gssapi_select_oid_function = { _, _, _, _, _ in nil }
        server.pointee.channel_open_request_session_function = { _, context in owner(context)?.openChannel() }
        ssh_set_server_callbacks(session.transport, server)

        channel.pointee.userdata = context
        channel.pointee.channel_data_function = { _, _, data, length, isErrorStream, context in
            guard isErrorStream == 0, let session = owner(context) else { return Int32(clamping: length) }
            return Int32(clamping: session.receive(UnsafeRawBufferPointer(start: data, count: Int(length))))
        }
        channel.pointee.channel_eof_function = { _, _, context in owner(context)?.notePeerDone() }
        channel.pointee.channel_close_function = { _, _, context in owner(context)?.noteChannelClosed() }
        channel.pointee.channel_subsystem_request_function = { _, _, name, context in
            owner(context)?.startSubsystem(text(name)) == true ? 0 : 1
        }
    }

    func attach(to channel: ssh_channel) -> Bool {
        ssh_set_channel_callbacks(channel, self.channel) == SSH_OK
    }
}

private let denied = SSH_AUTH_DENIED.rawValue

private func owner(_ context: UnsafeMutableRawPointer?) -> SFTPSession? {
    context.map { Unmanaged<SFTPSession>.fromOpaque($0).takeUnretainedValue() }
}

private func text(_ characters: UnsafePointer<CChar>?) -> String {
    characters.map { String(cString: $0) } ?? ""
}
