// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// scripts/fuzz sets this to the toolchain's libFuzzer (the one without a `main`). Then kms-fuzz takes the place of
/// FuzzTests, and all is compiled to report its coverage: optimised, but with every assertion.
let fuzzer = Context.environment["KMS_FUZZER"]

let everyTarget: [SwiftSetting] =
  [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ]
  + (fuzzer == nil
    ? [] : [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing", "-assert-config", "Debug"])])

/// What is installed: where it meets C or raw memory, it says `unsafe` (SE-0458). Tests are not held to that.
let productTarget = everyTarget + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map {
  Target.Dependency.product(name: $0, package: "swift-nio")
}

/// A module map around a C library of the system; scripts/setup installs the Debian packages.
func cLibrary(_ name: String) -> Target {
  .systemLibrary(name: name, path: "Sources/KMSCommon/CLibraries/\(name)")
}

/// One folder of Sources/KMSCommon, and the C libraries below it.
///
/// A release build contains them: a program that needs libc alone starts four times as fast. libcurl can't be linked
/// like that, and is loaded when it is needed.
func library(
  _ folder: String, _ dependencies: [Target.Dependency], without others: [String] = [], links: [String] = []
) -> Target {
  .target(
    name: "KMS\(folder)", dependencies: dependencies, path: "Sources/KMSCommon/\(folder)", exclude: others,
    swiftSettings: productTarget,
    linkerSettings: links.flatMap {
      [
        .linkedLibrary($0, .when(configuration: .debug)),
        .linkedLibrary(":lib\($0).a", .when(configuration: .release)),
        .linkedLibrary("m"),  // what SQLite's needs, after it
      ]
    })
}

/// What holds secrets and signs, in each chain's folder: KMSSigning. The rest of these folders is KMSChains, which every
/// program links.
let signing: [String] = {
  let chains = Context.packageDirectory + "/Sources/KMSCommon/Chains/"
  let folders = (try? FileManager.default.contentsOfDirectory(atPath: chains)) ?? []
  return ["Signing"]
    + folders.sorted().map { $0 + "/Signing" }.filter { FileManager.default.fileExists(atPath: chains + $0) }
}()

/// What is in a folder of the sources and its folders, but for `kept`: several targets share one folder then.
func others(in folder: String, but kept: [String]) -> [String] {
  let files = FileManager.default
  let root = Context.packageDirectory + "/Sources/KMSCommon/" + folder + "/"
  func below(_ place: String) -> [String] {
    let names = ((try? files.contentsOfDirectory(atPath: root + place)) ?? []).map { place + $0 }
    return names.filter { !kept.contains($0) }.flatMap { name in
      // A folder of which a part is kept.
      kept.contains { $0.hasPrefix(name + "/") } ? below(name + "/") : [name]
    }
  }
  return below("")
}

/// What holds and uses private keys, mnemonics and the texts of both: KMSPrivateKeys. The rest of the folder is KMSCrypto,
/// which every program links.
let privateKeys = ["PrivateKeys", "KMSPrivateKeys.docc"]

/// What needs the code of chains beside the vault: storing keys that are checked, import, recovery. KMSWallets; the rest
/// of the folder is KMSVault, which kms-fetch links.
let wallets = ["Deriving", "Import"]

/// One program of the pipeline: thin, everything it does is in a library.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + [argumentParser, logging], path: "Sources/\(name)",
    swiftSettings: productTarget)
}

/// The tests of one library; `exclude` names data that tests read from the source tree.
func tests(_ folder: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(folder)Tests", dependencies: dependencies, path: "Tests/\(folder)", exclude: exclude,
    swiftSettings: everyTarget)
}

/// The fuzz targets: replayed by the ordinary tests, or a program of their own that finds new inputs.
func fuzzing() -> [Target] {
  let dependencies: [Target.Dependency] = [
    "KMSPrimitives", "KMSProcess", "KMSRecords", "KMSCrypto", "KMSPrivateKeys", "KMSChains", "KMSSigning",
    "KMSVault", "KMSWallets", "KMSNetwork", "SigningDoor", logging,
  ]
  let path = "Tests/Fuzz"
  let data = ["Corpus", "Regressions", "CLibFuzzer", "choose.py"]
  guard let fuzzer else {
    return [
      .testTarget(
        name: "FuzzTests", dependencies: dependencies, path: path, exclude: data + ["Driver"],
        swiftSettings: everyTarget)
    ]
  }
  return [
    .systemLibrary(name: "CLibFuzzer", path: path + "/CLibFuzzer"),
    .executableTarget(
      name: "kms-fuzz", dependencies: dependencies + ["CLibFuzzer"], path: path, exclude: data + ["Replay"],
      swiftSettings: everyTarget, linkerSettings: [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++")]),
  ]
}

let package = Package(
  name: "tatum-kms",
  products: ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"].map {
    .executable(name: $0, targets: [$0])
  }
    // For other packages: docs/library.md.
    + ["KMSPrimitives", "KMSCrypto", "KMSPrivateKeys", "KMSRecords", "KMSChains", "KMSSigning"].map {
      .library(name: $0, targets: [$0])
    },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // Only for TatumSandbox, a test product: nothing that is installed is linked against it.
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    cLibrary("COpenSSL"), cLibrary("CSecp256k1"), cLibrary("CSodium"), cLibrary("CCurl"), cLibrary("CSQLite"),
    cLibrary("CConfinement"), cLibrary("CBuild"),

    // Pure: no files, no clock, no network (Tests/Primitives checks what they import).
    library("Primitives", []),
    library(
      "Crypto", ["KMSPrimitives", "COpenSSL", "CSecp256k1", "CSodium"],
      without: privateKeys, links: ["secp256k1", "sodium", "crypto"]
    ),
    .target(
      name: "KMSPrivateKeys",
      dependencies: ["KMSPrimitives", "KMSCrypto", "COpenSSL", "CSecp256k1", "CSodium"],
      path: "Sources/KMSCommon/Crypto", exclude: others(in: "Crypto", but: privateKeys),
      sources: ["PrivateKeys"], swiftSettings: productTarget),
    library("Records", ["KMSPrimitives", "KMSCrypto"]),
    library("Chains", ["KMSPrimitives", "KMSCrypto", "KMSRecords"], without: signing + ["KMSSigning.docc"]),
    .target(
      name: "KMSSigning",
      dependencies: ["KMSPrimitives", "KMSCrypto", "KMSPrivateKeys", "KMSRecords", "KMSChains"],
      path: "Sources/KMSCommon/Chains", exclude: others(in: "Chains", but: signing + ["KMSSigning.docc"]),
      sources: signing,
      swiftSettings: productTarget),

    library(
      "Process",
      ["KMSPrimitives", "KMSCrypto", "KMSRecords", "CConfinement", "CBuild", argumentParser, logging]),
    library(
      "Vault",
      [
        "KMSPrimitives", "KMSCrypto", "KMSRecords", "KMSChains", "KMSProcess", "CSQLite", argumentParser,
        logging,
      ],
      without: wallets, links: ["sqlite3"]),
    .target(
      name: "KMSWallets",
      dependencies: [
        "KMSPrimitives", "KMSCrypto", "KMSPrivateKeys", "KMSRecords", "KMSChains", "KMSSigning", "KMSProcess",
        "KMSVault",
      ],
      path: "Sources/KMSCommon/Vault", exclude: others(in: "Vault", but: wallets), sources: wallets,
      swiftSettings: productTarget),
    library(
      "Network",
      [
        "KMSPrimitives", "KMSCrypto", "KMSRecords", "KMSChains", "KMSProcess", "CCurl", argumentParser,
        logging,
      ]),

    program(
      "kms-fetch",
      ["KMSPrimitives", "KMSProcess", "KMSRecords", "KMSCrypto", "KMSChains", "KMSVault", "KMSNetwork"]),
    program("kms-verify", ["KMSProcess", "KMSRecords", "KMSCrypto", "KMSChains", "KMSNetwork"]),
    program(
      "kms-sign",
      ["KMSPrimitives", "KMSProcess", "KMSRecords", "KMSCrypto", "KMSChains", "KMSSigning", "KMSVault"]),
    program("kms-broadcast", ["KMSProcess", "KMSRecords", "KMSCrypto", "KMSChains", "KMSNetwork"]),
    program(
      "kms-wallet",
      [
        "KMSPrimitives", "KMSProcess", "KMSRecords", "KMSCrypto", "KMSPrivateKeys", "KMSChains", "KMSSigning",
        "KMSVault", "KMSWallets", "KMSNetwork",
      ]),

    // What the API's description says, for the sandbox and for tests.
    .target(
      name: "TatumDescription", dependencies: ["KMSRecords"], path: "Tests/TatumDescription",
      exclude: ["Data/answers.json"],
      resources: [.embedInCode("Data/description.json"), .embedInCode("Data/exceptions.json")],
      swiftSettings: everyTarget),
    .executableTarget(
      name: "TatumSandbox",
      dependencies: [
        "KMSPrimitives", "KMSRecords", "KMSCrypto", "KMSPrivateKeys", "TatumDescription", argumentParser,
      ] + nio,
      path: "Tests/TatumSandbox", exclude: ["README.md"],
      resources: [.embedInCode("Chains/XRP/definitions.json")], swiftSettings: everyTarget),
    tests("Primitives", ["KMSPrimitives"]),
    tests(
      "Crypto", ["KMSPrimitives", "KMSCrypto", "KMSPrivateKeys", "KMSRecords", "CSecp256k1"],
      exclude: ["Vectors"]),
    tests("Records", ["KMSPrimitives", "KMSRecords", "KMSCrypto", "KMSPrivateKeys"], exclude: ["Data"]),
    tests("Process", ["KMSProcess", "KMSRecords", "KMSCrypto", logging]),
    // How tests sign: by the way that kms-sign goes.
    .target(
      name: "SigningDoor", dependencies: ["KMSChains", "KMSSigning", "KMSRecords"], path: "Tests/Door",
      swiftSettings: everyTarget),
    tests(
      "Chains",
      [
        "SigningDoor", "KMSPrimitives", "KMSChains", "KMSSigning", "KMSRecords", "KMSCrypto",
        "KMSPrivateKeys",
      ],
      exclude: ["Vectors"]),
    tests(
      "Vault",
      [
        "KMSPrimitives", "KMSProcess", "KMSVault", "KMSWallets", "KMSChains", "KMSSigning", "KMSRecords",
        "KMSCrypto",
      ],
      exclude: ["read_vault.py", "read_journal.py"]),
    tests(
      "Network",
      ["KMSPrimitives", "KMSProcess", "KMSNetwork", "KMSChains", "KMSRecords", "KMSCrypto", "CCurl", logging]),
    tests(
      "Pipeline",
      [
        "KMSPrimitives", "KMSProcess", "KMSRecords", "KMSCrypto", "KMSPrivateKeys", "KMSChains", "KMSSigning",
        "KMSVault", "KMSWallets", "SigningDoor", "TatumDescription",
      ],
      exclude: ["moto_server.py", "stand-in", "intruder.c"]),
  ] + fuzzing()
)
