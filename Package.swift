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
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "ecluse",
    products: [.executable(name: "ecluse", targets: ["ecluse"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        systemLibrary("CLibSSH", "libssh", "libssh-dev"),
        systemLibrary("CLibXML2", "libxml-2.0", "libxml2-dev"),
        systemLibrary("COpenSSL", "openssl", "libssl-dev"),

        target("Exchange", []),
        target("Spool", ["Exchange", grdb, crypto, log]),
        target("Registry", ["Exchange", grdb, crypto]),
        target("Validation", ["Exchange", "COpenSSL", "CLibXML2"]),
        target("Channels", ["Exchange", "CLibSSH", log]),
        target("Pipeline", ["Exchange", "Spool", "Registry", "Validation", crypto, log]),
        .executableTarget(
            name: "ecluse",
            dependencies: [
                "Exchange", "Spool", "Registry", "Validation", "Channels", "Pipeline",
                arguments, lifecycle, signals, log, yams,
            ],
            path: "Sources/ExchangeDaemon",
            swiftSettings: settings
        ),

        tests("ExchangeTests", ["Exchange"]),
        tests("SpoolTests", ["Exchange", "Spool", grdb, log]),
        tests("RegistryTests", ["Exchange", "Registry", grdb]),
        tests("ValidationTests", ["Exchange", "Validation"]),
        tests("ChannelsTests", ["Exchange", "Channels", log]),
        tests(
            "PipelineTests",
            ["Exchange", "Spool", "Registry", "Validation", "Channels", "Pipeline", log, yams]),
        tests("DaemonTests", ["ecluse", "Exchange", "Validation", "Registry", "Pipeline"]),
    ]
)
