internal import KMSCrypto
internal import KMSRecords

/// Azure Key Vault: a token for this program (client credentials, or the managed identity of the machine), then
/// `GET <vault>/secrets/<name>/<version>`.
struct AzurePassword {
  private let settings: CloudSettings
  private let service: CloudService
  private let vault: WebAddress
  private let secretName: String
  private let version: String?

  /// The domains of key vaults: public cloud, China, US government. A token is not sent anywhere else.
  private static let domains = ["vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"]
  private static let domainsHint = "such as https://my-vault.vault.azure.net"

  init(_ settings: CloudSettings, _ service: CloudService) throws {
    self.settings = settings
    self.service = service
    let url = try settings.required("TATUM_KMS_AZURE_VAULTURL")
    vault = try service.secureAddress(url, variable: "TATUM_KMS_AZURE_VAULTURL")
    secretName = try settings.required("TATUM_KMS_AZURE_SECRETNAME")
    version = settings["TATUM_KMS_AZURE_SECRETVERSION"]
    let host = vault.host
    guard vault.isLoopback || Self.domains.contains(where: { host.hasSuffix(".\($0)") }) else {
      throw CloudError.notConfigured(
        "the value of TATUM_KMS_AZURE_VAULTURL is not the address of a key vault", hint: Self.domainsHint)
    }
  }

  func fetch() throws -> SecretBytes {
    var path = "/secrets/\(WebAddress.encode(secretName))"
    if let version { path += "/\(WebAddress.encode(version))" }
    let header = try service.authorization("Bearer ", try token())
    let response = try service.ask(
      .get, vault.below(path) + "?api-version=7.4", headers: [("authorization", header)])
    let answer = try service.json(response)
    let reason = service.word(
      answer["error"]?["innererror"]?["code"]?.string ?? answer["error"]?["code"]?.string)
    switch response.status {
    case 200: break
    case 401, 403:
      throw CloudError.noAccess(
        "the key vault \(vault.host) refuses access (\(reason))",
        hint: "the identity needs the right to get secrets; a disabled or expired secret is refused, too")
    case 404:
      throw CloudError.noSuchSecret(
        "the key vault \(vault.host) has no secret \(service.word(secretName)) of that version (\(reason))",
        hint: "check TATUM_KMS_AZURE_SECRETNAME and TATUM_KMS_AZURE_SECRETVERSION")
    default:
      throw CloudError.unreachable("the key vault answers with status \(response.status) (\(reason))")
    }
    guard let value = answer["value"]?.string, !value.isEmpty else {
      throw CloudError.noSuchKey("the answer of the key vault has no value")
    }
    return try service.secret(value)
  }

  /// `https://vault.azure.net`, or that of another cloud.
  private var resource: String {
    "https://" + (Self.domains.first { vault.host.hasSuffix(".\($0)") } ?? Self.domains[0])
  }

  // MARK: Tokens

  private func token() throws -> SecretBytes {
    if let secret = settings.secret("AZURE_CLIENT_SECRET") {
      return try accessToken(
        clientCredentials(secret), hint: "check AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET")
    }
    return try accessToken(
      managedIdentity(),
      hint: "give this machine a managed identity, or set AZURE_TENANT_ID, "
        + "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
  }

  /// OAuth 2.0 client credentials (RFC 6749 section 4.4).
  private func clientCredentials(_ secret: SecretBytes) throws -> HTTPResponse {
    let variable = "AZURE_AUTHORITY_HOST"
    let authority = try service.secureAddress(
      settings[variable] ?? "https://login.microsoftonline.com", variable: variable)
    let tenant = WebAddress.encode(try settings.required("AZURE_TENANT_ID"))
    let client = WebAddress.encode(try settings.required("AZURE_CLIENT_ID"))
    var body = Array(
      "grant_type=client_credentials&client_id=\(client)&scope=\(WebAddress.encode(resource + "/.default"))&client_secret="
        .utf8)
    defer { body.wipe() }
    body.reserveCapacity(body.count + 3 * secret.count)
    secret.withBytes { bytes in
      for i in bytes.indices { body += Array(WebAddress.encode(byte: bytes[i]).utf8) }
    }
    return try service.ask(
      .post, authority.below("/\(tenant)/oauth2/v2.0/token"),
      headers: [("content-type", .plain("application/x-www-form-urlencoded"))], body: body)
  }

  /// The identity that Azure gave to this machine: App Service and the like name an endpoint, virtual machines have the
  /// instance metadata service.
  private func managedIdentity() throws -> HTTPResponse {
    var query = "resource=\(WebAddress.encode(resource))"
    if let client = settings["AZURE_CLIENT_ID"] { query += "&client_id=\(WebAddress.encode(client))" }
    if let endpoint = settings["IDENTITY_ENDPOINT"], let header = settings.secret("IDENTITY_HEADER") {
      guard let address = WebAddress(endpoint), address.scheme == "https" || address.isPrivate else {
        throw CloudError.notConfigured("the value of IDENTITY_ENDPOINT is not an address of this machine")
      }
      return try service.ask(
        .get, address.below("") + "?api-version=2019-08-01&\(query)",
        headers: [("x-identity-header", .secret(header))],
        patience: .seconds(5))
    }
    let metadata = settings["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "http://169.254.169.254"
    guard let address = WebAddress(metadata), address.scheme == "https" || address.isPrivate else {
      throw CloudError.notConfigured(
        "the value of AZURE_POD_IDENTITY_AUTHORITY_HOST is not an address of this machine's network")
    }
    do {
      return try service.ask(
        .get, address.below("/metadata/identity/oauth2/token") + "?api-version=2018-02-01&\(query)",
        headers: [("metadata", .plain("true"))], patience: .seconds(2))
    } catch {
      throw CloudError.unreachable(
        "there are no credentials for Azure, and no managed identity answers: \(error.message)",
        hint: "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
    }
  }

  private func accessToken(_ response: HTTPResponse, hint: String) throws -> SecretBytes {
    let answer = try service.json(response)
    guard response.status == 200, let token = answer["access_token"]?.string, !token.isEmpty else {
      throw CloudError.noAccess("Azure gives no token (\(service.word(answer["error"]?.string)))", hint: hint)
    }
    return try service.secret(token)
  }
}
