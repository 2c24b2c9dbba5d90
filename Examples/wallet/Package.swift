// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "wallet",
  dependencies: [.package(name: "tatum-kms", path: "../..")],
  targets: [
    .executableTarget(
      name: "wallet",
      dependencies: ["KMSChains", "KMSCrypto", "KMSRecords", "KMSSigning"].map {
        .product(name: $0, package: "tatum-kms")
      })
  ])
