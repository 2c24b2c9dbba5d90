internal import KMSCrypto
internal import KMSRecords

/// AWS Secrets Manager: `GetSecretValue`, signed with Signature Version 4. The secret's text is a JSON object of which
/// `TATUM_KMS_AWS_SECRET_KEY` names a member, or, where that is not set, the password itself.
struct AWSPassword {
  private let settings: CloudSettings
  private let service: CloudService
  private let region: String
  private let secretName: String
  private let member: String?

  init(_ settings: CloudSettings, _ service: CloudService) throws {
    self.settings = settings
    self.service = service
    secretName = try settings.required("TATUM_KMS_AWS_SECRET_NAME")
    member = settings["TATUM_KMS_AWS_SECRET_KEY"]
    guard
      let region = settings["TATUM_KMS_AWS_REGION"] ?? settings["AWS_REGION"]
        ?? settings["AWS_DEFAULT_REGION"]
    else { throw CloudError.notConfigured("the variable TATUM_KMS_AWS_REGION is not set, nor is AWS_REGION") }
    let isName = region.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    guard isName, (1...40).contains(region.utf8.count) else {
      throw CloudError.notConfigured("the region of AWS is not one, such as eu-central-1")
    }
    self.region = region
  }

  func fetch() throws -> SecretBytes {
    let credentials = try AWSCredentials.find(settings, service)
    var headers: [(name: String, value: HTTPRequest.HeaderValue)] = [
      ("content-type", .plain("application/x-amz-json-1.1")),
      ("x-amz-target", .plain("secretsmanager.GetSecretValue")),
    ]
    if let token = credentials.sessionToken { headers.append(("x-amz-security-token", .secret(token))) }
    let signature = AWSSignature(
      accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey, region: region,
      service: "secretsmanager")
    let question: JSONValue = ["SecretId": .string(secretName)]
    let response = try service.ask(
      .post, try endpoint().below("/"), headers: headers,
      body: question.encoded(), signature: signature)
    guard response.status == 200 else {
      throw refusal(response.status, (try? JSONValue(parsing: response.body)) ?? .null)
    }
    let answer = try service.json(response)
    guard let text = answer["SecretString"]?.string, !text.isEmpty else {
      throw CloudError.noSuchKey("the secret \(service.word(secretName)) has no text")
    }
    return try password(in: text)
  }

  private func endpoint() throws(CloudError) -> WebAddress {
    for variable in ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"] {
      if let url = settings[variable] { return try service.secureAddress(url, variable: variable) }
    }
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    return try service.secureAddress(
      "https://secretsmanager.\(region).\(domain)", variable: "TATUM_KMS_AWS_REGION")
  }

  private func password(in text: String) throws -> SecretBytes {
    let object = try? JSONValue(parsing: text)
    guard let member else {
      guard object?.object == nil else {
        throw CloudError.notConfigured(
          "the secret is a JSON object, and TATUM_KMS_AWS_SECRET_KEY does not say which member")
      }
      return try service.secret(text)
    }
    guard let value = object?[member]?.string, !value.isEmpty else {
      throw CloudError.noSuchKey(
        "the secret \(service.word(secretName)) has no text under the key \(service.word(member))",
        hint: "check TATUM_KMS_AWS_SECRET_KEY")
    }
    return try service.secret(value)
  }

  private func refusal(_ status: Int, _ answer: JSONValue) -> CloudError {
    // `__type` may have a namespace before `#`.
    let type = answer["__type"]?.string ?? answer["code"]?.string
    let word = service.word(type?.split(separator: "#").last.map(String.init))
    switch word {
    case "ResourceNotFoundException", "InvalidRequestException":
      return .noSuchSecret(
        "AWS has no secret \(service.word(secretName)) in \(region) (\(word))",
        hint: "check TATUM_KMS_AWS_SECRET_NAME and the region")
    case "ThrottlingException", "InternalServiceError":
      return .unreachable("AWS Secrets Manager does not answer now (\(word))", hint: "try again later")
    default:
      return .noAccess(
        "AWS refuses access to the secret (status \(status), \(word))",
        hint: "check the credentials, the clock, and the right secretsmanager:GetSecretValue")
    }
  }
}
