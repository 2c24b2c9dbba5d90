internal import Glibc
internal import KMSCrypto
internal import KMSRecords

/// Who asks AWS. In the order of AWS's own tools, without their configuration files: the original's variables, the
/// standard ones, the container's credentials (ECS, EKS), the instance's (EC2, version 2 of its metadata service).
struct AWSCredentials {
  let accessKeyID: String
  let secretAccessKey: SecretBytes
  let sessionToken: SecretBytes?

  /// Addresses that a container's credentials may be fetched from without TLS, besides this machine: those of ECS and EKS.
  private static let containerHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

  static func find(_ settings: CloudSettings, _ service: CloudService) throws -> AWSCredentials {
    if let own = try pair(settings, "TATUM_KMS_AWS_ACCESS_KEY_ID", "TATUM_KMS_AWS_SECRET_ACCESS_KEY", nil) {
      return own
    }
    if let usual = try pair(
      settings, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", settings.secret("AWS_SESSION_TOKEN"))
    {
      return usual
    }
    return try ofContainer(settings, service) ?? ofInstance(settings, service)
  }

  private static func pair(_ settings: CloudSettings, _ id: String, _ key: String, _ token: SecretBytes?)
    throws
    -> AWSCredentials?
  {
    guard settings[id] != nil || settings.secret(key) != nil else { return nil }
    return AWSCredentials(
      accessKeyID: try settings.required(id), secretAccessKey: try settings.requiredSecret(key),
      sessionToken: token)
  }

  private static func ofContainer(_ settings: CloudSettings, _ service: CloudService) throws
    -> AWSCredentials?
  {
    let url: String
    if let path = settings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      url = "http://169.254.170.2\(path)"
    } else if let full = settings["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
      url = full
    } else {
      return nil
    }
    guard let address = WebAddress(url), address.userInfo == nil,
      address.scheme == "https" || address.isLoopback || containerHosts.contains(address.host)
    else {
      throw CloudError.notConfigured("the address of the container's credentials is not one of this machine")
    }
    var headers: [(name: String, value: HTTPRequest.HeaderValue)] = []
    if let file = settings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
      headers = [("authorization", .secret(try token(file)))]
    } else if let token = settings.secret("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
      headers = [("authorization", .secret(token))]
    }
    let response = try service.ask(.get, address.text, headers: headers, patience: .seconds(5))
    guard response.status == 200 else {
      throw CloudError.noAccess("the container has no credentials for AWS (status \(response.status))")
    }
    return try parse(service.json(response), service)
  }

  private static func token(_ path: String) throws -> SecretBytes {
    guard let file = unsafe fopen(path, "re") else {
      throw CloudError.notConfigured("the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can't be read")
    }
    defer { unsafe fclose(file) }
    var text = [UInt8](repeating: 0, count: 8192)
    defer { text.wipe() }
    let count = unsafe fread(&text, 1, text.count, file)
    let end = text[..<count].lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
    return try SecretBytes(copying: text[..<end])
  }

  /// Version 2 of the metadata service: a token by PUT first, which what only fetches URLs for others can't do.
  private static func ofInstance(_ settings: CloudSettings, _ service: CloudService) throws -> AWSCredentials
  {
    let nothing = CloudError.notConfigured(
      "there are no credentials for AWS",
      hint: "set TATUM_KMS_AWS_ACCESS_KEY_ID and TATUM_KMS_AWS_SECRET_ACCESS_KEY, or give this machine a role"
    )
    guard settings["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { throw nothing }
    let endpoint = settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
    guard let address = WebAddress(endpoint), address.isPrivate || address.host == "[fd00:ec2::254]" else {
      throw CloudError.notConfigured(
        "the value of AWS_EC2_METADATA_SERVICE_ENDPOINT is not an address of this machine")
    }
    let tokenAnswer: HTTPResponse
    do {
      tokenAnswer = try service.ask(
        .put, address.below("/latest/api/token"),
        headers: [("x-aws-ec2-metadata-token-ttl-seconds", .plain("60"))], patience: .seconds(1))
    } catch { throw nothing }
    guard tokenAnswer.status == 200, !tokenAnswer.body.isEmpty else { throw nothing }
    let headers: [(name: String, value: HTTPRequest.HeaderValue)] = [
      ("x-aws-ec2-metadata-token", .secret(try SecretBytes(copying: tokenAnswer.body)))
    ]
    let folder = "/latest/meta-data/iam/security-credentials/"
    let role = try service.ask(.get, address.below(folder), headers: headers, patience: .seconds(5))
    let name = String(decoding: role.body.prefix { $0 != 10 }, as: UTF8.self)
    guard role.status == 200, !name.isEmpty else {
      throw CloudError.noAccess(
        "this machine has no role of AWS", hint: "attach an instance profile that may read the secret")
    }
    let answer = try service.ask(
      .get, address.below(folder + WebAddress.encode(name)), headers: headers, patience: .seconds(5))
    guard answer.status == 200 else {
      throw CloudError.noAccess("the role of this machine has no credentials (status \(answer.status))")
    }
    return try parse(service.json(answer), service)
  }

  private static func parse(_ answer: JSONValue, _ service: CloudService) throws -> AWSCredentials {
    guard let id = answer["AccessKeyId"]?.string, let key = answer["SecretAccessKey"]?.string else {
      throw CloudError.noAccess(
        "AWS gives this machine no credentials (\(service.word(answer["Code"]?.string)))")
    }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: try service.secret(key),
      sessionToken: try answer["Token"]?.string.map { try service.secret($0) })
  }
}
