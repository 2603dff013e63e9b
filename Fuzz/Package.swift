// swift-tools-version: 6.1
import Foundation
import PackageDescription

// A package of its own: what reads bytes of strangers, compiled again from the same sources (`Product` is a link to
// them) with coverage counters and AddressSanitizer, and nothing else with them. Only the sources named are built, so
// that neither NIO nor SQLite nor a second TLS library is; docs/decisions/0020-fuzzing.md. `scripts/fuzz` builds it.

let upcoming: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let instrumented = upcoming + [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]

/// The Swift files of a folder that are not among those named: SwiftPM wants to know of each file what it is for.
func others(in folder: String, than sources: [String]) -> [String] {
    let files = FileManager.default.enumerator(atPath: "\(Context.packageDirectory)/Product/\(folder)")
    return (files?.allObjects ?? []).compactMap { $0 as? String }
        .filter { $0.hasSuffix(".swift") && !sources.contains($0) }
}

func product(
    _ name: String, from folder: String, _ sources: [String]? = nil, _ dependencies: [Target.Dependency] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Product/\(folder)",
        exclude: sources.map { others(in: folder, than: $0) } ?? [], sources: sources,
        swiftSettings: instrumented)
}

func systemLibrary(_ name: String, _ pkgConfig: String, _ debian: String) -> Target {
    .systemLibrary(
        name: name, path: "Product/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        systemLibrary("CLibXML2", "libxml-2.0", "libxml2-dev"),
        systemLibrary("COpenSSL", "openssl", "libssl-dev"),
        systemLibrary("CSeccomp", "libseccomp", "libseccomp-dev"),
        .systemLibrary(name: "CLibFuzzer", path: "CLibFuzzer"),

        product("Exchange", from: "Exchange"),
        product("Validation", from: "Validation", nil, ["Exchange", "COpenSSL", "CLibXML2"]),
        product(
            "Channels", from: "Channels",
            [
                "SFTP/SFTPAttributes.swift", "SFTP/SFTPFieldReader.swift",
                "SFTP/SFTPPacketReader.swift", "SFTP/SFTPPacketType.swift", "SFTP/SFTPReplyWriter.swift",
                "SFTP/SFTPRequest.swift", "SFTP/SFTPRequestDecoding.swift",
                "SFTP/SFTPServerConfiguration.swift", "SFTP/VirtualPath.swift",
                "Remote/RemoteFault.swift", "Remote/RemoteFiles.swift", "Remote/RemoteLogIn.swift",
                "Remote/RemotePath.swift", "Remote/Curl/PeerWords.swift",
                "Remote/SFTP/RemoteUpload.swift", "Remote/SFTP/SFTPQuery.swift",
                "Remote/SFTP/SFTPReply.swift",
                "Remote/FTP/FTPLine.swift", "Remote/FTP/FTPLine+Human.swift",
                "Remote/FTP/FTPLine+Machine.swift", "Remote/FTP/FTPListingReader.swift",
                "Remote/FTP/FTPReply.swift",
            ], ["Exchange"]),
        product(
            "WebChannel", from: "Channels/Web",
            [
                "Access/AssertionClaims.swift", "Access/Base64URL.swift", "Access/ClientID.swift",
                "Access/CompactToken.swift", "Access/FormFields.swift", "Access/TokenRefusal.swift",
                "Answers/AnswerStem.swift", "Answers/ByteRange.swift", "Description/JSONDocument.swift",
                "Server/Language+Accepted.swift", "Server/PercentEncoding.swift",
                "Server/RequestTarget.swift", "Server/StringProtocol+Trimmed.swift",
                "Server/UInt64+Digits.swift", "Server/WebServerConfiguration.swift",
                "Sets/IdempotencyKey.swift", "Sets/MultipartBoundary.swift", "Sets/MultipartFault.swift",
                "Sets/MultipartParser.swift", "Sets/MultipartPart.swift", "Sets/ParameterisedField.swift",
                "Sets/Preference.swift", "Uploads/UploadMetadata.swift", "Uploads/UploadNote.swift",
            ], ["Exchange"]),
        product("Spool", from: "Spool", ["SpoolLimits.swift"]),
        product("Workers", from: "Workers", nil, ["Exchange", "Validation", "CSeccomp", log]),
        product("Registry", from: "Registry", ["CertificateDocument.swift"], ["Exchange"]),
        product(
            "Pipeline", from: "Pipeline",
            [
                "DecisionPolicy.swift", "DecisionRecord.swift", "JSON.swift", "Manifest.swift",
                "RetryPauses.swift",
            ], ["Exchange", "Validation"]),
        product(
            "ExchangeDaemon", from: "ExchangeDaemon/Configuration",
            [
                "ApplicationFile.swift", "Configuration.swift", "ConfigurationFault.swift",
                "InboxEntry.swift", "ServerEntry.swift", "StrictMapping.swift", "WebEntry.swift",
            ], ["Channels", "Exchange", "Pipeline", "Spool", "Validation", "Workers", log, yams]),

        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Channels", "CLibFuzzer", "COpenSSL", "Exchange", "ExchangeDaemon", "Pipeline", "Registry",
                "Spool",
                "Validation", "WebChannel", "Workers",
            ],
            path: "Targets",
            swiftSettings: instrumented,
            // libFuzzer itself without its `main` is found by scripts/fuzz, as only the toolchain knows where it is.
            linkerSettings: [
                .unsafeFlags(["-sanitize=address", "-use-ld=lld"]), .linkedLibrary("stdc++"),
            ]
        ),
    ]
)
