/// The reception codes a receipt can carry (annex 30; domain 1.7). The raw value is the number.
///
/// `sentence(in:)` and `mend(in:)` say in words what is wrong and what to do about it.
public enum ReceptionCode: Int, Sendable, Hashable, Codable, CaseIterable {
    // name
    case malformedTriggerName = 107
    case senderDiffersFromDirectory = 108
    case dateLength = 109
    case dateInvalid = 110
    case dateInFuture = 111
    case sequenceLength = 112
    case partsLength = 114
    case partsNotNumeric = 115
    case partsZero = 116
    case environmentUnknown = 117
    case dateTooOld = 126
    case sequenceZero = 127
    case partsAboveMaximum = 128
    case wrongPrefix = 129
    case malformedDeclarationName = 131
    case malformedSignatureName = 132
    case environmentMissing = 144
    case sequenceCharacters = 367
    // directory
    case realOutsideIN = 118
    case testOutsideINTEST = 119
    case simulationOutsideINTESTS = 257
    // set
    case declarationCount = 120
    case signatureNotAllowed = 121
    case signatureCount = 122
    case declarationNumbering = 123
    case signatureNumbering = 124
    case triggerMissing = 130
    case nameAlreadyUsed = 133
    case noData = 134
    case noDeclaration = 142
    // size
    case fileTooLarge = 184
    case setTooLarge = 509
    // right
    case senderNotAuthorised = 103
    case purposeNotOfSender = 154
    case accessModeNotAuthorised = 168
    case channelDiffers = 249
    // signature
    case signatureInvalid = 125
    case certificateNotOfSender = 153
    // document
    case rootUnknown = 89
    case schemaUnknown = 88
    case notWellFormed = 102
    case formDiffersFromSchema = 135
    case schemaNotNamed = 136
    case schemaStandardUnsupported = 137
    case encodingUnsupported = 138
    case namespaceWrong = 139
    case noForm = 157
    case formDiffersFromName = 158
    case tooManyForms = 172
    case notAForm = 205
    case moreThanOneForm = 246
    // schema
    case invalidAgainstSchema = 312

    /// As written in `ErrorID` of a receipt: `ACRF-nnn` (domain 9.20).
    public var errorID: String { "ACRF-" + String(rawValue).leftPadded(to: 3) }

    /// The phase of the decision that gives this code (design section 5).
    public enum Phase: String, Sendable, Codable, CaseIterable {
        case name, directory, set, size, right, signature, document, schema
    }

    public var phase: Phase {
        switch self {
        case .malformedTriggerName, .dateLength, .dateInvalid, .dateInFuture, .sequenceLength, .partsLength,
            .partsNotNumeric, .partsZero, .environmentUnknown, .dateTooOld, .sequenceZero, .partsAboveMaximum,
            .wrongPrefix, .malformedDeclarationName, .malformedSignatureName, .environmentMissing,
            .sequenceCharacters:
            .name
        case .senderDiffersFromDirectory, .realOutsideIN, .testOutsideINTEST, .simulationOutsideINTESTS:
            .directory
        case .declarationCount, .signatureNotAllowed, .signatureCount, .declarationNumbering,
            .signatureNumbering,
            .triggerMissing, .nameAlreadyUsed, .noData, .noDeclaration:
            .set
        case .fileTooLarge, .setTooLarge: .size
        case .senderNotAuthorised, .purposeNotOfSender, .accessModeNotAuthorised, .channelDiffers: .right
        case .signatureInvalid, .certificateNotOfSender: .signature
        case .rootUnknown, .schemaUnknown, .notWellFormed, .formDiffersFromSchema, .schemaNotNamed,
            .schemaStandardUnsupported, .encodingUnsupported, .namespaceWrong, .noForm, .formDiffersFromName,
            .tooManyForms, .notAForm, .moreThanOneForm:
            .document
        case .invalidAgainstSchema: .schema
        }
    }
}
