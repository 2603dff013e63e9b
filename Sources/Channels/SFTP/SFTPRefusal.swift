internal import Exchange

/// A request that is answered with a status other than OK: the code and an English sentence for the peer.
struct SFTPRefusal: Error, Hashable {
    let code: SFTPStatusCode
    let message: String

    init(_ code: SFTPStatusCode, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ fault: HomeFault) {
        switch fault {
        case .noSuchFile: self.init(.noSuchFile, "no such file")
        case .alreadyExists: self.init(.failure, "file already there")
        case .notAllowed: self.init(.permissionDenied, "not allowed in this directory")
        case .superseded: self.init(.failure, "taken over by a newer upload or already sealed")
        case .tooLarge: self.init(.failure, "larger than allowed")
        case .tooManyFiles: self.init(.failure, "too much waits unsealed: too many files or bytes, try later")
        case .outOfSpace: self.init(.failure, "disk is full, try later")
        case .failed: self.init(.failure, "internal failure, try later")
        }
    }

    init(_ fault: VirtualPath.Fault) {
        switch fault {
        case .outside: self.init(.noSuchFile, "there is nothing but the six directories and their files")
        case .nameTooLong: self.init(.failure, "name too long (\(FileName.longest) bytes at the most)")
        case .notAName: self.init(.failure, "not a file name")
        }
    }

    static let unknownHandle = SFTPRefusal(.failure, "no such handle")
    static let closingHandle = SFTPRefusal(.failure, "the handle is being closed")
    static let malformed = SFTPRefusal(.badMessage, "malformed request")
    static let unsupported = SFTPRefusal(.unsupported, "operation not supported")
}
