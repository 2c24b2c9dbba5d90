import Glibc
import KMSCrypto
import Testing

@Suite struct OpenSSLConfigurationTests {
  // In a process of its own: the configuration is read once in the life of a process, or never.
  @Test func doesNotOpenTheFileThatTheEnvironmentNames() async {
    await #expect(processExitsWith: .success) {
      var name = Array("/tmp/openssl-conf-XXXXXX".utf8CString)
      let file = mkstemp(&name)
      try #require(file >= 0)
      defer { unlink(name) }
      setenv("OPENSSL_CONF", name, 1)
      let watch = inotify_init1(Int32(IN_NONBLOCK))
      try #require(inotify_add_watch(watch, name, UInt32(IN_OPEN)) >= 0)
      _ = Hash.ripemd160([1])
      _ = Hash.sha3_256([1])
      let key = try SecretBytes.random(count: 32)
      _ = try AESGCM.seal(key, key: key, associatedData: [])
      _ = try KeyDerivation.hkdfSHA256(key: key, salt: [], info: [], count: 32)
      _ = try KeyDerivation.pbkdf2SHA512(password: key, salt: [], rounds: 1, count: 32)
      var event = [UInt8](repeating: 0, count: 4096)
      #expect(read(watch, &event, event.count) == -1, "the file was opened")
      // The watch does work.
      close(open(name, O_RDONLY))
      #expect(read(watch, &event, event.count) > 0)
    }
  }
}
