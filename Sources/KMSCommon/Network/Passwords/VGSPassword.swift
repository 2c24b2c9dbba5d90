internal import KMSCrypto
internal import KMSRecords

/// VGS: `GET /aliases/<alias>` of the Vault HTTP API, with basic authentication, reveals what an alias stands for.
struct VGSPassword {
  private let alias: String
  private let user: String
  private let password: SecretBytes
  private let base: WebAddress
  private let service: CloudService

  init(_ settings: CloudSettings, _ service: CloudService) throws {
    self.service = service
    alias = try settings.required("TATUM_KMS_VGS_ALIAS")
    user = try settings.required("TATUM_KMS_VGS_USERNAME")
    password = try settings.requiredSecret("TATUM_KMS_VGS_PASSWORD")
    // Aliases of the sandbox say so; other regions need the variable.
    let usual =
      alias.hasPrefix("tok_sandbox_")
      ? "https://api.sandbox.verygoodvault.com" : "https://api.live.verygoodvault.com"
    base = try service.secureAddress(settings["TATUM_KMS_VGS_URL"] ?? usual, variable: "TATUM_KMS_VGS_URL")
  }

  func fetch() throws -> SecretBytes {
    guard let aliases = WebAddress(base.below("/aliases")), let url = aliases.appending(segment: alias) else {
      throw CloudError.notConfigured("the value of TATUM_KMS_VGS_ALIAS is not an alias")
    }
    let response = try service.ask(.get, url, headers: [("authorization", try credentials())])
    switch response.status {
    case 200: break
    case 401, 403:
      throw CloudError.noAccess(
        "VGS refuses user name and password (status \(response.status))",
        hint: "check TATUM_KMS_VGS_USERNAME and TATUM_KMS_VGS_PASSWORD, and that they may reveal aliases")
    case 404:
      throw CloudError.noSuchSecret(
        "VGS has no alias \(service.word(alias))", hint: "check TATUM_KMS_VGS_ALIAS")
    default: throw CloudError.unreachable("VGS answers with status \(response.status)")
    }
    let data = try service.json(response)["data"]
    // One alias is answered with a list of one, several with an object by alias.
    guard let value = (data?.array?.first ?? data?[alias])?["value"]?.string, !value.isEmpty else {
      throw CloudError.noSuchKey("the answer of VGS has no value for the alias")
    }
    return try service.secret(value)
  }

  private func credentials() throws -> HTTPRequest.HeaderValue {
    let pair = try SecretBytes(joining: [SecretBytes(copying: "\(user):".utf8), password])
    return try service.authorization("Basic ", pair.base64Encoded())
  }
}
