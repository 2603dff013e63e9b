// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func systemLibrary(_ name: String, _ pkgConfig: String, _ debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "ecluse",
    products: [.executable(name: "ecluse", targets: ["ecluse"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        systemLibrary("CLibCrypt", "libcrypt", "libcrypt-dev"),
        systemLibrary("CLibCurl", "libcurl", "libcurl4-openssl-dev"),
        systemLibrary("CLibSSH", "libssh", "libssh-dev"),
        systemLibrary("CLibXML2", "libxml-2.0", "libxml2-dev"),
        systemLibrary("COpenSSL", "openssl", "libssl-dev"),
        systemLibrary("CSeccomp", "libseccomp", "libseccomp-dev"),
        systemLibrary("CZlib", "zlib", "zlib1g-dev"),

        target("Exchange", []),
        target("Spool", ["Exchange", grdb, crypto, log]),
        target("Registry", ["Exchange", "CLibCrypt", grdb, crypto]),
        target("Validation", ["Exchange", "COpenSSL", "CLibXML2"]),
        // Validation in processes that can do nothing else.
        target("Workers", ["Exchange", "Validation", "CSeccomp", log]),
        .target(
            name: "Channels",
            dependencies: ["Exchange", "CLibCurl", "CLibSSH", crypto, log],
            exclude: ["Web"],
            swiftSettings: settings
        ),
        // Apart from the other channels, which then build and are tested without an HTTP stack.
        .target(
            name: "WebChannel",
            dependencies: [
                "Exchange", hummingbird, hummingbirdTLS, hummingbirdHTTP2, nioSSL, jwt, crypto, log,
            ],
            path: "Sources/Channels/Web",
            swiftSettings: settings
        ),
        // The sender's side: the receiver's own engine, turned round.
        target("SenderClient", ["Exchange", "Validation", "Channels", "CZlib", crypto]),
        target("Pipeline", ["Exchange", "Spool", "Registry", "Validation", crypto, log]),
        .executableTarget(
            name: "ecluse",
            dependencies: [
                "Exchange", "Spool", "Registry", "Validation", "Channels", "WebChannel",
                "Pipeline", "SenderClient", "Workers",
                arguments, lifecycle, signals, log, yams,
            ],
            path: "Sources/ExchangeDaemon",
            swiftSettings: settings
        ),

        // The crash campaign: scripts/crash.
        .executableTarget(
            name: "CrashCampaign",
            dependencies: [
                "Exchange", "Spool", "Registry", "Validation", "Channels", "Pipeline", crypto, log,
            ],
            path: "Tests/Crash",
            swiftSettings: settings
        ),

        // What a worker may not do, tried: WorkersTests.
        .executableTarget(
            name: "ConfinementProbe", dependencies: ["CSeccomp", "Workers"], path: "Tests/Probe",
            swiftSettings: settings),
        // The workers of the built program, for tests of several targets.
        .target(
            name: "TestExaminers",
            dependencies: ["Exchange", "Validation", "Workers", "COpenSSL", "TestServers", log],
            path: "Tests/Examiners", swiftSettings: settings),
        // Real servers the tests start on loopback, and what tests of several targets share.
        .target(name: "TestServers", path: "Tests/Servers", swiftSettings: settings),
        tests("ExchangeTests", ["Exchange"]),
        tests("SpoolTests", ["Exchange", "Spool", "TestServers", grdb, log]),
        tests("RegistryTests", ["Exchange", "Registry", "TestServers", grdb]),
        tests(
            "ValidationTests",
            ["ecluse", "Exchange", "Validation", "COpenSSL", "TestExaminers", "TestServers"]),
        tests(
            "WorkersTests",
            [
                "ecluse", "ConfinementProbe", "Exchange", "Validation", "Workers", "TestExaminers",
                "TestServers",
                log,
            ]),
        tests("ChannelsTests", ["Exchange", "Spool", "Channels", "CLibSSH", "TestServers", log]),
        tests("WebChannelTests", ["Exchange", "WebChannel", "TestServers", log]),
        tests(
            "SenderClientTests",
            ["Exchange", "Validation", "Channels", "CZlib", "SenderClient", "TestServers"]),
        tests(
            "PipelineTests",
            [
                "ecluse", "Exchange", "Spool", "Registry", "Validation", "Channels", "Pipeline", "Workers",
                "TestServers", "TestExaminers", log, yams,
            ]),
        tests(
            "DaemonTests",
            ["ecluse", "ConfinementProbe", "Exchange", "Validation", "Registry", "Pipeline", "TestServers"]),
    ]
)

// What runs under sanitizers (scripts/sanitize) is built without the HTTP stack and the program, which take most of
// the time of a build; where tests need workers, they take those of the program as it is usually built.
if Context.environment["ECLUSE_SANITIZED"] != nil {
    let left = [
        "WebChannel", "WebChannelTests", "ecluse", "DaemonTests",
        "CrashCampaign", "ConfinementProbe",
    ]
    package.targets.removeAll { left.contains($0.name) }
    for target in package.targets {
        target.dependencies.removeAll { dependency in
            if case .byNameItem(let name, _) = dependency { left.contains(name) } else { false }
        }
    }
    package.products = []
}
