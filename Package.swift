// swift-tools-version: 6.2
import PackageDescription

let everyTarget: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map {
  Target.Dependency.product(name: $0, package: "swift-nio")
}

/// A module map around a C library of the system; see README for the Debian packages.
func cLibrary(_ name: String) -> Target {
  .systemLibrary(name: name, path: "Sources/KMSCommon/CLibraries/\(name)")
}

/// One folder of Sources/KMSCommon.
func library(_ folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: "KMS\(folder)", dependencies: dependencies, path: "Sources/KMSCommon/\(folder)",
    swiftSettings: everyTarget)
}

/// One program of the pipeline: thin, everything it does is in a library.
func program(
  _ name: String, _ dependencies: [Target.Dependency], linkerSettings: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + [argumentParser, logging], path: "Sources/\(name)",
    swiftSettings: everyTarget, linkerSettings: linkerSettings)
}

/// The tests of one library; `exclude` names data that tests read from the source tree.
func tests(_ folder: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(folder)Tests", dependencies: dependencies, path: "Tests/\(folder)", exclude: exclude,
    swiftSettings: everyTarget)
}

let package = Package(
  name: "tatum-kms",
  products: ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"].map {
    .executable(name: $0, targets: [$0])
  },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // Only for TatumSandbox, a test product: nothing that is installed is linked against it.
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    cLibrary("COpenSSL"), cLibrary("CSecp256k1"), cLibrary("CSodium"), cLibrary("CCurl"), cLibrary("CSQLite"),

    library("Crypto", ["COpenSSL", "CSecp256k1", "CSodium"]),
    library("Records", ["KMSCrypto", argumentParser, logging]),
    library("Chains", ["KMSCrypto", "KMSRecords"]),
    library("Vault", ["KMSCrypto", "KMSRecords", "KMSChains", "CSQLite", argumentParser, logging]),
    library("Network", ["KMSCrypto", "KMSRecords", "CCurl", argumentParser, logging]),

    program("kms-fetch", ["KMSRecords", "KMSCrypto", "KMSChains", "KMSVault", "KMSNetwork"]),
    program("kms-verify", ["KMSRecords", "KMSCrypto", "KMSNetwork"]),
    program(
      "kms-sign", ["KMSRecords", "KMSCrypto", "KMSChains", "KMSVault"],
      // No shared library to load, none to be swapped under the signer: starts three times as fast.
      linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))]),
    program("kms-broadcast", ["KMSRecords", "KMSCrypto", "KMSNetwork"]),
    program("kms-wallet", ["KMSRecords", "KMSCrypto", "KMSChains", "KMSVault", "KMSNetwork"]),

    .executableTarget(
      name: "TatumSandbox",
      dependencies: ["KMSRecords", "KMSCrypto", argumentParser] + nio,
      path: "Tests/TatumSandbox", exclude: ["README.md"], swiftSettings: everyTarget),
    tests("Crypto", ["KMSCrypto", "KMSRecords"], exclude: ["Vectors"]),
    tests("Records", ["KMSRecords", "KMSCrypto", logging]),
    tests("Chains", ["KMSChains", "KMSRecords", "KMSCrypto"], exclude: ["Vectors"]),
    tests("Vault", ["KMSVault", "KMSChains", "KMSRecords", "KMSCrypto"], exclude: ["read_vault.py"]),
    tests("Network", ["KMSNetwork", "KMSRecords", "KMSCrypto"]),
    tests("Pipeline", ["KMSRecords", "KMSCrypto", "KMSChains", "KMSVault"], exclude: ["moto_server.py", "stand-in"]),
  ]
)
