/// Requests sent, and the replies to them, matched by id. Pure: bytes in, bytes out.
///
/// What a peer can make this hold is bounded by what it was asked: one packet for each request not answered, and a
/// packet of at most `SFTPPacketReader.longest`. Anything that was not asked for is garbled.
struct SFTPCorrespondence {
    /// What cannot be the answer to anything asked.
    struct Garbled: Error, Hashable {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    var output = SFTPQueryWriter()
    private(set) var greeting: SFTPGreeting?
    private var input = SFTPPacketReader()
    private var lastID: UInt32 = 0
    /// Ids without a reply, and whether it will be read.
    private var awaited: [UInt32: Bool] = [:]
    private var arrived: [UInt32: SFTPReply] = [:]

    /// Requests without a reply so far.
    var unanswered: Int { awaited.count }

    init() {
        output.initialise()
    }

    /// The id of the reply.
    mutating func ask(_ query: SFTPQuery) -> UInt32 {
        lastID &+= 1
        output.append(query, id: lastID)
        awaited[lastID] = true
        return lastID
    }

    /// Nobody will read the reply to `id`.
    mutating func dismiss(_ id: UInt32) {
        if awaited[id] != nil {
            awaited[id] = false
        } else {
            arrived[id] = nil
        }
    }

    /// The reply to `id`, once; nil while there is none.
    mutating func take(_ id: UInt32) -> SFTPReply? {
        arrived.removeValue(forKey: id)
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(Garbled) {
        input.append(bytes)
        while try receivePacket() {}
    }

    /// False while no packet is whole.
    private mutating func receivePacket() throws(Garbled) -> Bool {
        var fault: Garbled?
        do throws(SFTPPacketReader.Fault) {
            var reader = input
            input = SFTPPacketReader()
            defer { input = reader }
            let isWhole = try reader.takePacket { packet in
                do throws(Garbled) { try open(packet) } catch { fault = error }
                return true
            }
            guard isWhole != nil else { return false }
        } catch {
            throw Garbled("a packet of \(error.length) bytes")
        }
        if let fault { throw fault }
        return true
    }

    private mutating func open(_ packet: UnsafeRawBufferPointer) throws(Garbled) {
        guard greeting != nil else {
            guard let greeting = SFTPGreeting(packet) else { throw Garbled("a packet before the greeting") }
            guard greeting.version == 3 else {
                throw Garbled("version \(greeting.version) of the protocol, where 3 was asked for")
            }
            self.greeting = greeting
            return
        }
        let answer: (id: UInt32, reply: SFTPReply)
        do throws(SFTPReply.Garbled) {
            answer = try SFTPReply.read(packet)
        } catch {
            throw Garbled("a packet that is no reply of the protocol")
        }
        guard let isWanted = awaited.removeValue(forKey: answer.id) else {
            throw Garbled("a reply to what was not asked")
        }
        if isWanted { arrived[answer.id] = answer.reply }
    }
}
