import Glibc

/// Returns the content of a file; nil when it cannot be read.
func readFile(at path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var content: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { return nil }
    if count == 0 { return content }
    content.append(contentsOf: chunk[..<count])
  }
}

/// Why a file could not be written.
struct FileError: Error, CustomStringConvertible {
  let description: String
}

/// Writes `text` to a file in one step: who waits for the file never sees half of it.
func replaceFile(at path: String, with text: String) throws {
  let temporary = path + ".new"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw FileError(description: "cannot write \(temporary)") }
  let bytes = Array(text.utf8)
  let written = write(descriptor, bytes, bytes.count)
  close(descriptor)
  guard written == bytes.count, rename(temporary, path) == 0 else {
    throw FileError(description: "cannot write \(path)")
  }
}

/// Writes one line to standard output at once, also when it is a pipe.
func writeLine(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = write(STDOUT_FILENO, bytes, bytes.count)
}

/// Starts a thread that ends the process when standard input ends.
func exitWhenStandardInputEnds() {
  var thread = pthread_t()
  _ = pthread_create(
    &thread, nil,
    { _ in
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { _exit(0) }
      }
    }, nil)
}
