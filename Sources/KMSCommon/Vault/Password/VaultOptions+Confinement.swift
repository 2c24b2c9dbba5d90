internal import Glibc
public import KMSProcess

extension VaultOptions {
  /// Leaves a program what it needs to read the vault, and does before what it can't do afterwards.
  ///
  /// The vault's file is left to be read, not to be written. So what a killed writer left half done is undone now, and a password
  /// command is started now, to wait until the password is wanted.
  /// - Throws: `password-command-failed`.
  public func prepare(_ confinement: inout Confinement) throws {
    confinement.readable += [file] + (passwordFile.map { [$0] } ?? [])
    confinement.usesTerminal = confinement.usesTerminal || (keyFd == nil && configuredSource == nil)
    try preparePassword()
    guard let path = PrivateFile.resolve(file), PrivateFile.exists(path + "-journal") else { return }
    // What is wrong with the vault is said when it is opened.
    _ = try? VaultConnection(opening: file)
  }

  /// The folder in which a file is, wherever links lead; the one above it when it has yet to be made.
  public static func folder(of file: String) -> String {
    let folder = PrivateFile.folder(of: PrivateFile.resolve(file) ?? file)
    return PrivateFile.resolve(folder) ?? PrivateFile.folder(of: folder)
  }

  /// Starts the password command, when there is one: it waits until the password is wanted.
  ///
  /// - Throws: `password-command-failed`.
  public func preparePassword() throws {
    if let passwordCommand { try PasswordCommand.prepare(passwordCommand) }
  }
}
