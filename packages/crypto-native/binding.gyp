{
  "target_defaults": {
    "cflags": ["-std=c11", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden"],
    "cflags!": ["-fno-omit-frame-pointer"],
    "xcode_settings": {
      "OTHER_CFLAGS": ["-std=c11", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden"]
    },
    "conditions": [
      ["target_arch=='x64'", { "defines": ["HALFROOM_AES", "HALFROOM_AVX"] }],
      ["target_arch=='arm64'", { "defines": ["HALFROOM_AES"] }]
    ]
  },
  "targets": [
    {
      "target_name": "halfroom_crypto",
      "sources": ["native/addon.c", "native/code.c", "native/scalar.c", "native/portable.c"],
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["vaes", "aes", "avx2", "ifma"] }],
        ["target_arch=='arm64'", { "dependencies": ["aes"] }]
      ]
    }
  ],
  "conditions": [
    [
      "target_arch=='x64' or target_arch=='arm64'",
      {
        "targets": [
          {
            "target_name": "aes",
            "type": "static_library",
            "sources": ["native/aes.c", "native/half_trees.c", "native/products.c", "native/slots.c", "native/transfers.c", "native/trees.c"],
            "conditions": [
              [
                "target_arch=='x64'",
                {
                  "cflags": ["-fPIC", "-maes", "-mpclmul", "-msse4.1"],
                  "xcode_settings": { "OTHER_CFLAGS": ["-maes", "-mpclmul", "-msse4.1"] }
                }
              ],
              [
                "target_arch=='arm64'",
                {
                  "cflags": ["-fPIC", "-march=armv8-a+crypto"],
                  "xcode_settings": { "OTHER_CFLAGS": ["-march=armv8-a+crypto"] }
                }
              ]
            ]
          }
        ]
      }
    ],
    [
      "target_arch=='x64'",
      {
        "targets": [
          {
            "target_name": "vaes",
            "type": "static_library",
            "sources": ["native/vaes.c"],
            "cflags": ["-fPIC", "-maes", "-mvaes", "-mavx512f", "-mavx512dq"],
            "xcode_settings": { "OTHER_CFLAGS": ["-maes", "-mvaes", "-mavx512f", "-mavx512dq"] }
          },
          {
            "target_name": "avx2",
            "type": "static_library",
            "sources": ["native/avx2.c", "native/code_avx2.c"],
            "cflags": ["-fPIC", "-mavx2"],
            "xcode_settings": { "OTHER_CFLAGS": ["-mavx2"] }
          },
          {
            "target_name": "ifma",
            "type": "static_library",
            "sources": ["native/ifma.c"],
            "cflags": ["-fPIC", "-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512ifma"],
            "xcode_settings": {
              "OTHER_CFLAGS": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512ifma"]
            }
          }
        ]
      }
    ]
  ]
}
