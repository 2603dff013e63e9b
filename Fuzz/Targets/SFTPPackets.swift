@testable internal import Channels

extension FuzzTarget {
    /// What an SFTP client sends, in pieces of the size that the first byte says.
    ///
    /// Proves: packets are the same however the stream is cut, and none is longer than the longest; the payload of a
    /// WRITE lies inside its packet; the canonical form of a path is absolute, without `.` and `..`, is its own
    /// canonical form, and leads where the path led.
    static let sftpPackets = FuzzTarget(name: "sftp-packets", longest: 4096) {
        var writer = SFTPQueryWriter()
        writer.initialise()
        writer.append(
            .open(path: Array("/IN/GO.DMFA.006400.20070423.00001.R.1".utf8), access: [.write, .create]), id: 1
        )
        writer.append(.write(handle: [0, 0, 0, 1], offset: 0, bytes: [1, 2, 3]), id: 2)
        writer.append(.replace(from: Array("./IN/../IN/a".utf8), to: Array("IN/b".utf8)), id: 3)
        writer.append(.sync(handle: [0, 0, 0, 1]), id: 4)
        return [[3] + writer.stream]
    } prove: { input in
        var bytes = Bytes(input)
        let size = Int(bytes.byte())
        let stream = Array(bytes.rest)
        let (packets, fault) = cut([stream])
        let (others, otherFault) = cut(stream.pieces(of: size))
        hold(packets == others && fault == otherFault, "packets depend on how the stream was cut")
        for packet in packets {
            hold((1...SFTPPacketReader.longest).contains(packet.count), "a packet of \(packet.count) bytes")
            packet.withUnsafeBytes { judge(SFTPIncoming(packet: $0), of: $0.count) }
        }
    }

    private static func cut(_ pieces: [[UInt8]]) -> (packets: [[UInt8]], fault: SFTPPacketReader.Fault?) {
        var reader = SFTPPacketReader()
        var packets: [[UInt8]] = []
        for piece in pieces {
            piece.withUnsafeBytes { reader.append($0) }
            do throws(SFTPPacketReader.Fault) {
                while try reader.takePacket({
                    packets.append(Array($0)); return true
                }) != nil {}
            } catch {
                return (packets, error)
            }
        }
        return (packets, nil)
    }

    private static func judge(_ incoming: SFTPIncoming, of count: Int) {
        guard case .request(_, let request) = incoming else { return }
        switch request {
        case .write(_, _, let payload):
            hold(payload.lowerBound >= 0 && payload.upperBound <= count, "a payload outside its packet")
        case .open(let path, _, _), .linkStatus(let path), .status(let path), .setStatus(let path, _),
            .openDirectory(let path), .remove(let path), .makeDirectory(let path), .removeDirectory(let path),
            .realPath(let path):
            judge(path: path)
        case .rename(let from, let to, _):
            judge(path: from)
            judge(path: to)
        default: break
        }
    }

    private static func judge(path: [UInt8]) {
        let canonical = VirtualPath.canonical(path)
        let components = canonical.split(separator: 0x2F)
        hold(canonical.first == 0x2F, "a canonical path that is not absolute")
        hold(
            !components.contains([0x2E]) && !components.contains([0x2E, 0x2E]), "a canonical path with dots")
        hold(
            VirtualPath.canonical(canonical) == canonical, "a canonical path that has another canonical form")
        hold(place(path) == place(canonical), "a path and its canonical form lead to different places")
    }

    private static func place(_ path: [UInt8]) -> Result<VirtualPath, VirtualPath.Fault> {
        do throws(VirtualPath.Fault) {
            return .success(try VirtualPath(path))
        } catch {
            return .failure(error)
        }
    }
}

extension SFTPQueryWriter {
    /// All that was encoded.
    var stream: [UInt8] {
        var writer = self
        var bytes: [UInt8] = []
        _ = writer.send { span in
            span.withUnsafeBytes { bytes += $0 }
            return span.byteCount
        }
        return bytes
    }
}
