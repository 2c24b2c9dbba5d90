import KMSCrypto
import KMSProcess
import KMSRecords
import Testing

@testable import KMSNetwork

/// Services that keep the password, against strict stand-ins: what is not asked as the service's manual says is answered
/// with 400. (AWS Secrets Manager itself: Tests/Pipeline/AWSPasswordTests.)
@Suite(.timeLimit(.minutes(20))) struct CloudPasswordTests {
  private static let password = "pässword \"of\" the vault"
  private static let passwordJSON = #""p\u00e4ssword \"of\" the vault""#

  private func settings(_ variables: [String: String]) throws -> CloudSettings {
    var settings = CloudSettings()
    var entries = variables.flatMap { Array("\($0.key)=\($0.value)\0".utf8) }
    try settings.add(entries: &entries)
    return settings
  }

  private func ask(_ service: CloudPassword, _ variables: [String: String]) throws -> String {
    try service.password(settings(variables)).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The code and the exit status of the refusal.
  private func refusal(_ service: CloudPassword, _ variables: [String: String]) -> String {
    do { return "password: \(try ask(service, variables))" } catch let error as CloudError {
      for secret in ["hush", "t0ken"] where error.message.contains(secret) { return "shows a secret" }
      return "\(error.code) \(error.exitStatus.rawValue)"
    } catch { return "\(error)" }
  }

  private func nowhere() -> String { "http://127.0.0.1:\(TestServer.unusedPort())" }

  // MARK: VGS

  /// Answers as the Vault HTTP API: `GET /aliases/{alias}`, basic authentication.
  private func vgs() -> TestServer {
    TestServer { request in
      guard request.method == "GET", request.body.isEmpty else { return .answer(400, "{}") }
      // me:hush
      guard request.headers["authorization"] == "Basic bWU6aHVzaA==" else {
        return .answer(401, #"{"errors":[{"status":401,"title":"Unauthorized"}]}"#)
      }
      switch request.path {
      case "/aliases/tok_1":
        return .json(
          #"{"data":[{"aliases":[{"alias":"tok_1","format":"UUID"}],"value":\#(Self.passwordJSON),"classifiers":[]}]}"#
        )
      case "/aliases/tok_many": return .json(#"{"data":{"tok_many":{"value":\#(Self.passwordJSON)}}}"#)
      case "/aliases/tok_empty": return .json(#"{"data":[]}"#)
      case "/aliases/tok_down": return .answer(503, "")
      case "/aliases/tok_html": return .answer(200, "<html>")
      default: return .answer(404, #"{"errors":[{"status":404,"title":"Not Found"}]}"#)
      }
    }
  }

  @Test func revealsAnAliasOfVGS() throws {
    let server = vgs()
    defer { server.stop() }
    func variables(_ alias: String, password: String = "hush", url: String? = nil) -> [String: String] {
      [
        "TATUM_KMS_VGS_ALIAS": alias, "TATUM_KMS_VGS_USERNAME": "me", "TATUM_KMS_VGS_PASSWORD": password,
        "TATUM_KMS_VGS_URL": url ?? server.url,
      ]
    }
    #expect(try ask(.vgs, variables("tok_1")) == Self.password)
    #expect(try ask(.vgs, variables("tok_many")) == Self.password)
    #expect(refusal(.vgs, variables("tok_1", password: "hush!")) == "no-access 77")
    #expect(refusal(.vgs, variables("tok_2")) == "no-such-secret 66")
    #expect(refusal(.vgs, variables("../admin")) == "no-such-secret 66")
    #expect(server.requests.last?.path == "/aliases/..%2Fadmin")
    #expect(refusal(.vgs, variables("tok_empty")) == "no-such-key 66")
    #expect(refusal(.vgs, variables("tok_html")) == "unreachable 69")
    #expect(refusal(.vgs, variables("tok_1", url: nowhere())) == "unreachable 69")
    #expect(refusal(.vgs, variables("tok_down")) == "unreachable 69")
    #expect(refusal(.vgs, variables("tok_1", url: "http://vgs.example.net")) == "not-configured 78")
    for name in CloudPassword.vgs.needed {
      var incomplete = variables("tok_1")
      incomplete[name] = nil
      #expect(refusal(.vgs, incomplete) == "not-configured 78", "\(name)")
      #expect(try settings(incomplete).missing(of: CloudPassword.vgs.needed) == [name])
    }
  }

  // MARK: Azure

  /// Answers as Microsoft's identity platform, the metadata services, and a key vault.
  private func azure() -> TestServer {
    TestServer { request in
      let path = request.path
      if path == "/tenant-1/oauth2/v2.0/token" {
        guard request.method == "POST", request.headers["content-type"] == "application/x-www-form-urlencoded"
        else { return .answer(400, #"{"error":"invalid_request"}"#) }
        let fields = Set(request.body.split(separator: "&").map(String.init))
        guard
          fields == [
            "grant_type=client_credentials", "client_id=app-1",
            "scope=https%3A%2F%2Fvault.azure.net%2F.default", "client_secret=hush%26%C3%A4",
          ]
        else { return .answer(401, #"{"error":"invalid_client","error_description":"AADSTS7000215"}"#) }
        return .json(#"{"token_type":"Bearer","expires_in":3599,"access_token":"t0ken"}"#)
      }
      if path
        == "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
      {
        guard request.method == "GET", request.headers["metadata"] == "true",
          request.headers["x-forwarded-for"] == nil
        else { return .answer(400, #"{"error":"invalid_request"}"#) }
        return .json(#"{"access_token":"t0ken","resource":"https://vault.azure.net","token_type":"Bearer"}"#)
      }
      if path.hasPrefix("/metadata/") {
        return .answer(400, #"{"error":"invalid_request","error_description":"Identity not found"}"#)
      }
      if path == "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net&client_id=app-1" {
        guard request.headers["x-identity-header"] == "hush" else { return .answer(401, "{}") }
        return .json(#"{"access_token":"t0ken","token_type":"Bearer"}"#)
      }
      guard request.headers["authorization"] == "Bearer t0ken" else {
        return .answer(401, #"{"error":{"code":"Unauthorized","message":"AKV10000"}}"#)
      }
      switch path {
      case "/secrets/kms?api-version=7.4", "/secrets/kms/4387e9f3?api-version=7.4":
        return .json(
          #"{"value":\#(Self.passwordJSON),"id":"https://v.vault.azure.net/secrets/kms/4387e9f3"}"#)
      case "/secrets/forbidden?api-version=7.4":
        return .answer(
          403, #"{"error":{"code":"Forbidden","message":"…","innererror":{"code":"ForbiddenByRbac"}}}"#)
      case "/secrets/empty?api-version=7.4": return .json(#"{"id":"x"}"#)
      default: return .answer(404, #"{"error":{"code":"SecretNotFound","message":"…"}}"#)
      }
    }
  }

  @Test func asksAzureWithEveryKindOfIdentity() throws {
    let server = azure()
    defer { server.stop() }
    let vault = ["TATUM_KMS_AZURE_VAULTURL": server.url, "TATUM_KMS_AZURE_SECRETNAME": "kms"]
    let client = [
      "AZURE_TENANT_ID": "tenant-1", "AZURE_CLIENT_ID": "app-1", "AZURE_CLIENT_SECRET": "hush&ä",
      "AZURE_AUTHORITY_HOST": server.url + "/",
    ]
    let machine = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": server.url]
    let appService = [
      "IDENTITY_ENDPOINT": server.url + "/msi/token", "IDENTITY_HEADER": "hush", "AZURE_CLIENT_ID": "app-1",
    ]
    for identity in [client, machine, appService] {
      #expect(try ask(.azure, vault.merging(identity) { $1 }) == Self.password)
      let version = ["TATUM_KMS_AZURE_SECRETVERSION": "4387e9f3"]
      #expect(try ask(.azure, vault.merging(identity) { $1 }.merging(version) { $1 }) == Self.password)
    }
    func refusal(_ changes: [String: String], _ identity: [String: String]) -> String {
      self.refusal(.azure, vault.merging(identity) { $1 }.merging(changes) { $1 })
    }
    #expect(refusal(["AZURE_CLIENT_SECRET": "wrong"], client) == "no-access 77")
    #expect(refusal(["IDENTITY_HEADER": "wrong"], appService) == "no-access 77")
    #expect(refusal(["AZURE_CLIENT_ID": "other"], machine) == "no-access 77")
    #expect(refusal(["TATUM_KMS_AZURE_SECRETNAME": "forbidden"], client) == "no-access 77")
    #expect(refusal(["TATUM_KMS_AZURE_SECRETNAME": "other"], client) == "no-such-secret 66")
    #expect(refusal(["TATUM_KMS_AZURE_SECRETVERSION": "5"], client) == "no-such-secret 66")
    #expect(refusal(["TATUM_KMS_AZURE_SECRETNAME": "empty"], client) == "no-such-key 66")
    #expect(refusal(["AZURE_AUTHORITY_HOST": nowhere()], client) == "unreachable 69")
    #expect(refusal(["AZURE_POD_IDENTITY_AUTHORITY_HOST": nowhere()], [:]) == "unreachable 69")
    #expect(
      refusal(["AZURE_TENANT_ID": ""], client.filter { $0.key != "AZURE_TENANT_ID" }) == "not-configured 78")
    // The token is for key vaults: nobody else gets it.
    for url in [
      "https://vault.azure.net.example.com", "http://v.vault.azure.net", "https://vault.azure.net", "x",
    ] {
      #expect(refusal(["TATUM_KMS_AZURE_VAULTURL": url], client) == "not-configured 78", "\(url)")
    }
  }

  // MARK: Credentials of AWS

  /// Hands out credentials as a container's agent and as the instance metadata service do, and answers to those that it
  /// gave. Signatures are moto's to check.
  private func aws() -> TestServer {
    let credentials = #"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"hush","Token":"t0ken"}"#
    return TestServer { request in
      switch (request.method, request.path) {
      case ("GET", "/container"):
        return request.headers["authorization"] == "pod token" ? .json(credentials) : .answer(403, "{}")
      case ("PUT", "/latest/api/token"):
        return request.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "60"
          ? .answer(200, "imds token") : .answer(400, "")
      case ("GET", let path) where path.hasPrefix("/latest/meta-data/iam/security-credentials/"):
        guard request.headers["x-aws-ec2-metadata-token"] == "imds token" else { return .answer(401, "") }
        return path.hasSuffix("/")
          ? .answer(200, "the role") : path.hasSuffix("/the%20role") ? .json(credentials) : .answer(404, "")
      case ("POST", "/"):
        let authorization = request.headers["authorization"] ?? ""
        guard authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=ASIA1/"),
          authorization.contains("/eu-central-1/secretsmanager/aws4_request"),
          authorization.contains("x-amz-security-token"), request.headers["x-amz-security-token"] == "t0ken",
          request.headers["x-amz-target"] == "secretsmanager.GetSecretValue",
          request.headers["content-type"] == "application/x-amz-json-1.1",
          request.body == #"{"SecretId":"kms"}"#
        else { return .answer(400, #"{"__type":"com.amazon#UnrecognizedClientException"}"#) }
        return .json(#"{"Name":"kms","SecretString":\#(Self.passwordJSON)}"#)
      default: return .answer(404, "")
      }
    }
  }

  @Test func takesTheCredentialsOfContainersAndInstances() throws {
    let server = aws()
    defer { server.stop() }
    let secret = [
      "TATUM_KMS_AWS_REGION": "eu-central-1", "TATUM_KMS_AWS_SECRET_NAME": "kms",
      "AWS_ENDPOINT_URL_SECRETS_MANAGER": server.url,
    ]
    let container = [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/container",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod token",
    ]
    let instance = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]
    for source in [container, instance] {
      #expect(try ask(.aws, secret.merging(source) { $1 }) == Self.password)
    }
    func refusal(_ changes: [String: String]) -> String { self.refusal(.aws, secret.merging(changes) { $1 }) }
    #expect(
      refusal(container.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "other"]) { $1 }) == "no-access 77")
    #expect(
      refusal(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/credentials"]) == "not-configured 78")
    #expect(refusal(["AWS_EC2_METADATA_DISABLED": "true"]) == "not-configured 78")
    #expect(refusal(["AWS_EC2_METADATA_SERVICE_ENDPOINT": nowhere()]) == "not-configured 78")
    #expect(refusal(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://example.net"]) == "not-configured 78")
    #expect(refusal(["AWS_ACCESS_KEY_ID": "alone"]) == "not-configured 78")
    #expect(refusal(instance.merging(["TATUM_KMS_AWS_REGION": "evil.com/"]) { $1 }) == "not-configured 78")
    #expect(
      refusal(instance.merging(["AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://10.0.0.1"]) { $1 })
        == "not-configured 78")
  }
}
