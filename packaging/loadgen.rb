# Homebrew's formula. A release fills in OWNER, the version and the checksum of its source archive.
class Loadgen < Formula
  desc "Load generator that knows what a cold start is"
  homepage "https://github.com/OWNER/loadgen"
  url "https://github.com/OWNER/loadgen/archive/refs/tags/v0.2.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    generate_completions_from_executable(bin/"loadgen", "completions", shells: [:bash, :zsh, :fish])
    system bin/"loadgen", "man", "--out", buildpath/"man"
    man1.install Dir["man/*.1"]
  end

  test do
    ENV["LOADGEN_RUNS"] = testpath
    assert_match "Met", shell_output("#{bin}/loadgen cold-start --quiet")
  end
end
