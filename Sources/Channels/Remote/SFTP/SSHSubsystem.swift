internal import CLibSSH

/// The SFTP subsystem on a connection that is logged in. Confined to one thread.
///
/// libssh hands over the bytes of the channel through a callback; what the server writes to its error stream is
/// dropped, or it would use up the window.
final class SSHSubsystem: SFTPWire {
    /// Received bytes that are kept before they are handed over.
    private static let mostKept = 256 * 1024

    private let address: String
    private var connection: SSHConnection?
    private let channel: ssh_channel
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>
    private var received: [UInt8] = []
    private var hasEnded = false

    init(of connection: SSHConnection, address: String) throws(RemoteFault) {
        guard let channel = ssh_channel_new(connection.session) else {
            throw connection.fault(.unreachable, address)
        }
        self.address = address
        self.connection = connection
        self.channel = channel
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: ssh_channel_callbacks_struct())
        callbacks.pointee.size = MemoryLayout<ssh_channel_callbacks_struct>.size
        callbacks.pointee.userdata = Unmanaged.passUnretained(self).toOpaque()
        callbacks.pointee.channel_data_function = { _, _, data, length, isErrorStream, context in
            if isErrorStream == 0 {
                owner(context)?.keep(UnsafeRawBufferPointer(start: data, count: Int(length)))
            }
            return Int32(clamping: length)
        }
        callbacks.pointee.channel_eof_function = { _, _, context in owner(context)?.hasEnded = true }
        callbacks.pointee.channel_close_function = { _, _, context in owner(context)?.hasEnded = true }
        guard ssh_set_channel_callbacks(channel, callbacks) == SSH_OK else {
            throw connection.fault(.unreachable, address)
        }
        let opened = try connection.complete("\(address)") { ssh_channel_open_session(channel) }
        guard opened == SSH_OK else { throw connection.fault(.notAllowed, "\(address) gives no session") }
        let started = try connection.complete("\(address)") { ssh_channel_request_sftp(channel) }
        guard started == SSH_OK else { throw connection.fault(.notAllowed, "\(address) does not speak SFTP") }
    }

    deinit {
        close()
        callbacks.deallocate()
    }

    func send(_ bytes: RawSpan) throws(RemoteFault) -> Int {
        let connection = try alive()
        // With a closed window the library would look for a change itself.
        let count = min(bytes.byteCount, Int(ssh_channel_window_size(channel)))
        guard count > 0 else { return 0 }
        let written = bytes.withUnsafeBytes { ssh_channel_write(channel, $0.baseAddress, UInt32(count)) }
        guard written >= 0 else { throw connection.fault(.brokenOff, address) }
        if written > 0 { connection.noteMove() }
        return Int(written)
    }

    func receive(_ take: (UnsafeRawBufferPointer) -> Void) throws(RemoteFault) -> Bool {
        let connection = try alive()
        var isBroken = false
        // libssh reads 4 KiB at a time.
        while !isBroken, !hasEnded, received.count < SSHSubsystem.mostKept {
            let before = connection.receivedBytes
            isBroken = ssh_channel_poll(channel, 0) == SSH_ERROR
            guard connection.receivedBytes != before else { break }
        }
        guard received.isEmpty else {
            received.withUnsafeBytes(take)
            received.removeAll(keepingCapacity: true)
            return true
        }
        guard !isBroken, !connection.isBroken else { throw connection.fault(.brokenOff, address) }
        guard !hasEnded else {
            throw RemoteFault(.brokenOff, "\(address): the server has ended the session")
        }
        return false
    }

    func wait(before deadline: ContinuousClock.Instant?) throws(RemoteFault) {
        try alive().wait(before: deadline, address)
    }

    /// Says goodbye as far as that goes without waiting.
    func close() {
        guard let connection else { return }
        self.connection = nil
        if !connection.isBroken, ssh_channel_close(channel) == SSH_OK { _ = ssh_channel_poll(channel, 0) }
        ssh_remove_channel_callbacks(channel, callbacks)
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        received.append(contentsOf: bytes)
    }

    private func alive() throws(RemoteFault) -> SSHConnection {
        guard let connection else { throw RemoteFault(.brokenOff, "\(address): the connection was closed") }
        return connection
    }
}

private func owner(_ context: UnsafeMutableRawPointer?) -> SSHSubsystem? {
    context.map { Unmanaged<SSHSubsystem>.fromOpaque($0).takeUnretainedValue() }
}
